package dev.weft.agent.traffic;

import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.policy.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests that a rule answers itself. Stateless. */
final class Answers {
  private static final int OK = 200;

  private Answers() {}

  /** The answer that a decision stands for; null: it is to be sent, or to pass. */
  static @Nullable LocalReply reply(Decision decision) {
    if (decision instanceof Decision.Reject reject) {
      return new LocalReply(reject.status(), reject.flag(), reject.rule(), reject.reason());
    }
    if (decision instanceof Decision.Redirect redirect) {
      HeaderField location = new HeaderField("Location", redirect.location());
      return new LocalReply(
          redirect.status(), "", redirect.rule(), "", List.of(location), Duration.ZERO);
    }
    if (decision instanceof Decision.Preflight preflight) {
      List<HeaderField> fields = new ArrayList<>();
      preflight.headers().forEach(edit -> fields.add(new HeaderField(edit.name(), edit.value())));
      return new LocalReply(OK, "", preflight.rule(), "", fields, Duration.ZERO);
    }
    if (decision instanceof Decision.Answer answer) {
      return new LocalReply(answer.status(), "", answer.rule(), answer.body());
    }
    return null;
  }

  /** A request that gets this answer. */
  static ClientExchange exchange(LocalReply reply, ClientObservation observation) {
    String flags = reply.flag().isEmpty() ? "-" : reply.flag();
    return new OneStepExchange(
        reply,
        failure ->
            observation.end(
                new ClientOutcome(reply.status(), flags, reply.rule(), null, null, 0, failure)));
  }
}
