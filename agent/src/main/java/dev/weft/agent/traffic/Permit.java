package dev.weft.agent.traffic;

import dev.weft.instrumentation.LocalReply;
import dev.weft.policy.Decision;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.RequestLimits;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one request takes of its destination's limits: a place among those under way, one among
 * those repeated, and the permission of its circuit. Confined to its exchange's lock.
 */
final class Permit {
  private static final int UNAVAILABLE = 503;
  private static final int FIRST_SERVER_ERROR = 500;

  private final Decision.Forward decision;
  private final Upstream upstream;
  private Optional<Circuit> circuit = Optional.empty();
  private boolean counted;
  private boolean retryCounted;
  private int hedges;

  Permit(Decision.Forward decision, Upstream upstream) {
    this.decision = decision;
    this.upstream = upstream;
  }

  /** Takes what the request needs; null: it may go, else the refusal. */
  @Nullable LocalReply refusal() {
    Optional<Integer> most = decision.delivery().first(Permit::maxRequests);
    if (!upstream.tryRequest(most)) {
      return new LocalReply(
          UNAVAILABLE,
          "UO",
          rule(Permit::maxRequests),
          most.orElse(0) + " requests are under way already");
    }
    counted = true;
    circuit = upstream.circuit(decision.delivery());
    if (circuit.isPresent() && !circuit.get().tryRequest()) {
      circuit = Optional.empty(); // which never hears of this request
      return new LocalReply(
          UNAVAILABLE,
          "UO",
          rule(TrafficPolicy::circuit),
          "most requests failed lately; nothing is sent for a while");
    }
    return null;
  }

  /** Takes a place among the requests that are repeated, once; false: there is none. */
  boolean tryRetry() {
    retryCounted = retryCounted || upstream.tryRetry(decision.delivery().first(Permit::maxRetries));
    return retryCounted;
  }

  /**
   * Takes a place for a second attempt beside the first, and a retry of the budget; false: there is
   * none, or the circuit has reasons to count every attempt.
   */
  boolean tryHedge(RetryBudget budget) {
    if (!circuit.map(Circuit::closed).orElse(true)
        || !upstream.tryRequest(decision.delivery().first(Permit::maxRequests))) {
      return false;
    }
    if (!tryRetry() || !budget.tryRetry()) {
      upstream.finished();
      return false;
    }
    hedges++;
    return true;
  }

  /** The answer to a request that would be a retry beyond the budget; null: what it has come to. */
  @Nullable LocalReply overspent() {
    Optional<Integer> status =
        decision
            .delivery()
            .first(TrafficPolicy::retryBudget)
            .flatMap(TrafficPolicy.RetryBudget::overspent);
    return status.isEmpty()
        ? null
        : new LocalReply(
            status.get(),
            "UO",
            rule(TrafficPolicy::retryBudget),
            "too many of the requests lately were retries");
  }

  private static Optional<Integer> maxRequests(TrafficPolicy policy) {
    return policy.limits().flatMap(RequestLimits::maxRequests);
  }

  private static Optional<Integer> maxRetries(TrafficPolicy policy) {
    return policy.limits().flatMap(RequestLimits::maxRetries);
  }

  /** The document that speaks of a matter; the rule where none does. */
  String rule(Function<TrafficPolicy, Optional<?>> matter) {
    for (TrafficPolicy policy : decision.delivery().policies()) {
      if (matter.apply(policy).isPresent()) {
        return policy.rule();
      }
    }
    return decision.rule();
  }

  /** Whether {@link #settle} looks at how long the request took. */
  boolean timed() {
    return circuit.isPresent();
  }

  /**
   * Gives everything back, and tells the circuit how it went.
   *
   * @param status 0: there was no answer
   * @param late whether a limit of policy has run out; it may have after the answer
   * @param took nanoseconds; looked at only if {@link #timed}
   */
  void settle(@Nullable Throwable failure, int status, boolean late, long took) {
    if (counted) {
      upstream.finished();
    }
    if (retryCounted) {
      upstream.retried();
    }
    for (; hedges > 0; hedges--) {
      upstream.finished();
    }
    if (circuit.isEmpty()) {
      return;
    }
    if (failure instanceof IOException || (failure != null && late)) {
      circuit.get().failed(took, failure);
    } else if (status == 0) {
      circuit.get().abandoned();
    } else if (status >= FIRST_SERVER_ERROR) {
      circuit.get().failed(took, new IOException("status " + status));
    } else {
      circuit.get().succeeded(took);
    }
  }
}
