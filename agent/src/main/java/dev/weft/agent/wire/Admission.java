package dev.weft.agent.wire;

import dev.weft.policy.ConnectionLimit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many connections others may have to this workload, by the limits of policy. The open ones are
 * counted by port, whatever the policy, so that a new limit knows them. Thread-safe.
 */
final class Admission {
  private static final long SECOND = 1_000_000_000L;

  private final Map<Integer, AtomicInteger> open = new ConcurrentHashMap<>();
  private final Map<String, Rate> rates = new ConcurrentHashMap<>();
  private final LongSupplier nanos;

  /** {@code nanos} is a monotonic clock. */
  Admission(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Takes one more connection to a port in, unless a limit is reached.
   *
   * @return why not, with the rule; null: it counts from now on, until {@link #closed}
   */
  @Nullable String admit(List<ConnectionLimit> limits, int port) {
    AtomicInteger here = on(port);
    here.incrementAndGet();
    for (ConnectionLimit limit : limits) {
      if (limit.ports().contains(port)) {
        String refusal = exceeded(limit);
        if (refusal != null) {
          here.decrementAndGet();
          return "to port " + port + " refused by rule " + limit.rule() + ": " + refusal;
        }
      }
    }
    return null;
  }

  private AtomicInteger on(int port) {
    AtomicInteger here = open.get(port);
    if (here == null) {
      AtomicInteger fresh = new AtomicInteger(); // no lambda: it would be linked inside an accept
      here = open.putIfAbsent(port, fresh);
      return here == null ? fresh : here;
    }
    return here;
  }

  private @Nullable String exceeded(ConnectionLimit limit) {
    if (limit.maxConnections().isPresent()) {
      int most = limit.maxConnections().get();
      int now = 0;
      for (int port : limit.ports()) {
        AtomicInteger there = open.get(port);
        now += there == null ? 0 : there.get();
      }
      if (now > most) {
        return most + " connections are open, as many as may be";
      }
    }
    if (limit.handshakesPerSecond().isPresent()) {
      int perSecond = limit.handshakesPerSecond().get();
      int burst = limit.handshakeBurst().orElse(perSecond);
      Rate rate = rates.computeIfAbsent(limit.rule() + limit.ports(), key -> new Rate());
      if (!rate.take(nanos.getAsLong(), SECOND / perSecond, burst)) {
        return "more than " + perSecond + " new connections per second";
      }
    }
    return null;
  }

  /** A connection that was admitted is closed. */
  void closed(int port) {
    AtomicInteger here = open.get(port);
    if (here != null) {
      here.decrementAndGet();
    }
  }

  /**
   * The generic cell rate algorithm: one number says when the next one would be exactly in time.
   */
  private static final class Rate {
    private boolean begun;
    private long next;

    synchronized boolean take(long now, long interval, int burst) {
      if (!begun || now - next > 0) {
        begun = true;
        next = now;
      }
      if (next - now > interval * (burst - 1)) {
        return false;
      }
      next += interval;
      return true;
    }
  }
}
