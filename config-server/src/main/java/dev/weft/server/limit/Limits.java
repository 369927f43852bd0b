package dev.weft.server.limit;

import dev.weft.server.protocol.Refusal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What protects the server from too much of anything: a rate for each caller, and for all callers
 * together a bound on waiting requests and on bytes in memory. Each {@link Traffic} has its own, so
 * that a flood of one does not keep the others out. Thread-safe.
 */
public final class Limits {
  private static final class Use {
    final Quota quota;
    final Rate rate;
    final AtomicInteger waiting = new AtomicInteger();
    final AtomicLong bytes = new AtomicLong();
    final LongAdder limited = new LongAdder();
    final LongAdder overloaded = new LongAdder();

    Use(Quota quota, LongSupplier nanos) {
      this.quota = quota;
      this.rate = new Rate(quota, nanos);
    }
  }

  private final Map<Traffic, Use> uses = new EnumMap<>(Traffic.class);
  private final ConnectionLimit connections;

  /**
   * Limits that nothing has used yet.
   *
   * @param quotas others than the usual ones
   */
  public Limits(Map<Traffic, Quota> quotas, ConnectionLimit connections) {
    this(quotas, connections, System::nanoTime);
  }

  Limits(Map<Traffic, Quota> quotas, ConnectionLimit connections, LongSupplier nanos) {
    for (Traffic traffic : Traffic.values()) {
      uses.put(traffic, new Use(quotas.getOrDefault(traffic, traffic.quota()), nanos));
    }
    this.connections = connections;
  }

  /** What docs/protocol.md promises. */
  public static Limits usual() {
    return new Limits(Map.of(), ConnectionLimit.usual());
  }

  /**
   * Counts a request of a caller.
   *
   * @throws Refusal {@code rate-limited}, with the time after which one may pass
   */
  public void count(Traffic traffic, String caller) throws Refusal {
    Use use = use(traffic);
    Duration pause = use.rate.take(caller);
    if (!pause.isZero()) {
      use.limited.increment();
      throw Refusal.tooMany(
          "rate-limited",
          "Too many "
              + traffic.title()
              + " requests by "
              + caller
              + ": "
              + use.quota.perSecond()
              + " a second are allowed, "
              + use.quota.burst()
              + " at once.",
          pause);
    }
  }

  /**
   * Takes a place among the waiting requests; {@link #leave} gives it back.
   *
   * @throws Refusal {@code overloaded} when there is none
   */
  public void enter(Traffic traffic) throws Refusal {
    Use use = use(traffic);
    if (use.waiting.incrementAndGet() > use.quota.waiting()) {
      use.waiting.decrementAndGet();
      use.overloaded.increment();
      throw overloaded();
    }
  }

  /** Gives back what {@link #enter} took. */
  public void leave(Traffic traffic) {
    use(traffic).waiting.decrementAndGet();
  }

  /**
   * Takes memory for a piece of a body; {@link #free} gives it back.
   *
   * @throws Refusal {@code overloaded} when there is not enough
   */
  public void hold(Traffic traffic, int bytes) throws Refusal {
    Use use = use(traffic);
    if (use.bytes.addAndGet(bytes) > use.quota.bodyBytes()) {
      use.bytes.addAndGet(-bytes);
      use.overloaded.increment();
      throw overloaded();
    }
  }

  /** Gives back what {@link #hold} took. */
  public void free(Traffic traffic, long bytes) {
    use(traffic).bytes.addAndGet(-bytes);
  }

  private static Refusal overloaded() {
    return new Refusal(
        Refusal.Kind.OVERLOADED, "overloaded", "The server is busy; try again in a second.");
  }

  private Use use(Traffic traffic) {
    Use use = uses.get(traffic);
    if (use == null) {
      throw new IllegalStateException("no limit of " + traffic);
    }
    return use;
  }

  /** The bound on connections. */
  public ConnectionLimit connections() {
    return connections;
  }

  /** Requests that were refused because their caller sent too many. */
  public long limited(Traffic traffic) {
    return use(traffic).limited.sum();
  }

  /** Requests that were refused because all callers together sent too many. */
  public long overloaded(Traffic traffic) {
    return use(traffic).overloaded.sum();
  }

  /** Requests that wait for an answer now. */
  public int waiting(Traffic traffic) {
    return use(traffic).waiting.get();
  }

  /** Bytes of bodies in memory now. */
  public long heldBytes(Traffic traffic) {
    return use(traffic).bytes.get();
  }
}
