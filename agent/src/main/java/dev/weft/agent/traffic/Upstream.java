package dev.weft.agent.traffic;

import dev.weft.policy.Decision;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.TrafficPolicy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this client has under way to one destination: a service, or a subset of it, on one port.
 * Outlives policy changes; a part whose terms have changed begins anew. Thread-safe.
 */
final class Upstream {
  private final LongSupplier nanos;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger retried = new AtomicInteger();
  private volatile @Nullable RetryBudget budget;
  private volatile Optional<Circuit> circuit = Optional.empty();
  private volatile RuledRetries retries = new RuledRetries(Optional.empty(), Retries.DEFAULT);

  Upstream(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** The budget by the terms of a decision. */
  RetryBudget budget(Decision.Delivery delivery, MeshSettings mesh) {
    Optional<TrafficPolicy.RetryBudget> own = delivery.first(TrafficPolicy::retryBudget);
    RetryBudget known = budget;
    if (known == null || !known.terms().are(own, mesh)) {
      known = new RetryBudget(nanos, RetryBudget.Terms.of(own, mesh));
      budget = known;
    }
    return known;
  }

  /** What a rule lets be sent again; made once for requests that follow the same rule. */
  Retries retries(Optional<Retry> rule) {
    RuledRetries known = retries;
    if (!known.rule().equals(rule)) {
      known = new RuledRetries(rule, Retries.of(rule));
      retries = known;
    }
    return known.retries();
  }

  /** What was made of the rule that was asked for last. */
  private record RuledRetries(Optional<Retry> rule, Retries retries) {}

  /** The circuit by the terms of a decision; empty: none is wanted. */
  Optional<Circuit> circuit(Decision.Delivery delivery) {
    Optional<TrafficPolicy.Circuit> terms = delivery.first(TrafficPolicy::circuit);
    Optional<Circuit> known = circuit;
    if (!known.map(Circuit::terms).equals(terms)) {
      known = terms.map(wanted -> new Circuit(wanted, nanos));
      circuit = known;
    }
    return known;
  }

  /**
   * Counts a request in.
   *
   * @param most requests under way at once; empty: no limit
   * @return false: there are as many already
   */
  boolean tryRequest(Optional<Integer> most) {
    return tryCount(requests, most);
  }

  /** Counts a request off. */
  void finished() {
    requests.decrementAndGet();
  }

  /** Counts a retry in, as {@link #tryRequest}. */
  boolean tryRetry(Optional<Integer> most) {
    return tryCount(retried, most);
  }

  /** Counts a retry off. */
  void retried() {
    retried.decrementAndGet();
  }

  private static boolean tryCount(AtomicInteger count, Optional<Integer> most) {
    int under = count.incrementAndGet();
    if (most.isPresent() && under > most.get()) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }
}
