package dev.weft.agent.traffic;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Decision;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Hedging;
import java.util.Optional;

/** Which requests may have two attempts under way at once. Stateless. */
final class Hedges {
  private Hedges() {}

  /**
   * What policy wants for a request. Never anything for one whose repetition is not harmless (RFC
   * 9110, section 9.2.2), whose body cannot be sent twice, that has one endpoint only, or one of
   * its own: the state of a session is not at the others. Nor for one that opens a WebSocket: the
   * loser would have opened one, too.
   */
  static Optional<Hedging> of(Decision.Forward decision, OutboundRequest request) {
    Decision.Delivery delivery = decision.delivery();
    Optional<Hedging> wanted = delivery.first(TrafficPolicy::hedging);
    if (wanted.isEmpty()) {
      return wanted;
    }
    boolean possible =
        Retries.idempotent(request.method())
            && request.body() != OutboundRequest.Body.ONCE
            && request.header("upgrade").stream().noneMatch("websocket"::equalsIgnoreCase)
            && decision.endpoints().size() > 1
            && delivery.actions().session().isEmpty()
            && delivery.first(TrafficPolicy::session).isEmpty();
    return possible ? wanted : Optional.empty();
  }
}
