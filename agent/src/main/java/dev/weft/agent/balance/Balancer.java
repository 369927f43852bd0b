package dev.weft.agent.balance;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Peak-EWMA with two random choices: of two endpoints the cheaper one. What counts as latency and
 * as in flight is the caller's: requests, or connections. State belongs to an address and survives
 * snapshots that keep it. Thread-safe.
 */
public final class Balancer {
  private final Map<String, EndpointLoad> loads = new ConcurrentHashMap<>();
  private final LongSupplier nanos;
  private final RandomGenerator dice;
  private final Duration start;
  private final Duration floor;

  /** {@code nanos} is a monotonic clock. */
  public Balancer(LongSupplier nanos, RandomGenerator dice) {
    this(nanos, dice, EndpointLoad.START, Duration.ofNanos(1));
  }

  /**
   * A balancer of its own measure.
   *
   * @param start what is believed of an endpoint that nobody has tried yet
   * @param floor latencies below it are equal, so that among them only what is in flight counts
   */
  public Balancer(LongSupplier nanos, RandomGenerator dice, Duration start, Duration floor) {
    this.nanos = nanos;
    this.dice = dice;
    this.start = start;
    this.floor = floor;
  }

  /**
   * Chooses an endpoint.
   *
   * @param candidates never empty
   * @param tried endpoints that this request or connection has failed on; chosen only when nothing
   *     else is left
   */
  public Endpoint choose(List<Endpoint> candidates, Set<Endpoint> tried) {
    List<Endpoint> usable = usable(candidates, tried);
    int size = usable.size();
    if (size == 1) {
      return usable.get(0);
    }
    int first = dice.nextInt(size);
    int second = dice.nextInt(size - 1);
    Endpoint one = usable.get(first);
    Endpoint other = usable.get(second < first ? second : second + 1);
    long now = nanos.getAsLong();
    return load(one).cost(now) <= load(other).cost(now) ? one : other;
  }

  /** Untried ones that are not avoided; else untried ones; else all. */
  private List<Endpoint> usable(List<Endpoint> candidates, Set<Endpoint> tried) {
    List<Endpoint> untried = new ArrayList<>(candidates.size());
    List<Endpoint> good = new ArrayList<>(candidates.size());
    long now = nanos.getAsLong();
    for (Endpoint candidate : candidates) {
      if (!tried.contains(candidate)) {
        untried.add(candidate);
        if (!load(candidate).avoided(now)) {
          good.add(candidate);
        }
      }
    }
    return !good.isEmpty() ? good : !untried.isEmpty() ? untried : candidates;
  }

  /** The state of an endpoint. */
  public EndpointLoad load(Endpoint endpoint) {
    return loads.computeIfAbsent(
        key(endpoint), key -> new EndpointLoad(nanos.getAsLong(), start, floor));
  }

  /** Whether the endpoint has ever been a candidate. */
  public boolean knows(Endpoint endpoint) {
    return loads.containsKey(key(endpoint));
  }

  /** Forgets endpoints that a new snapshot no longer has. */
  public void keep(Snapshot snapshot) {
    Set<String> kept = new HashSet<>();
    for (Service service : snapshot.services()) {
      service.endpoints().forEach(endpoint -> kept.add(key(endpoint)));
    }
    loads.keySet().retainAll(kept);
  }

  private static String key(Endpoint endpoint) {
    return endpoint.address() + " " + endpoint.port();
  }
}
