package dev.weft.server.http;

import dev.weft.server.limit.Limits;
import dev.weft.server.log.Log;
import dev.weft.server.log.Throttle;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Has requests answered off the event loop. Of what changes something one line is logged, and of
 * each defect. Thread-safe.
 */
record Worker(Executor workers, Limits limits, Log log, Throttle throttle) {

  /** An answer; for a refusal with its reason, for the log. */
  sealed interface Outcome {
    record Given(Answer answer) implements Outcome {}

    record Refused(Refusal refusal) implements Outcome {}
  }

  /**
   * Answers soon.
   *
   * @param done gets the outcome, on a worker thread
   * @throws Refusal when there is too much to do
   */
  void submit(Route route, Request request, String trace, Consumer<Outcome> done) throws Refusal {
    limits.enter(route.traffic());
    try {
      workers.execute(
          () -> {
            Outcome outcome;
            try {
              outcome = answer(route, request, trace);
            } finally {
              limits.leave(route.traffic());
            }
            done.accept(outcome);
          });
    } catch (RejectedExecutionException e) {
      limits.leave(route.traffic());
      throw new Refusal(Kind.OVERLOADED, "overloaded", "The server is closing.");
    }
  }

  private Outcome answer(Route route, Request request, String trace) {
    try {
      Answer answer = route.resource().answer(request);
      if (route.caller() == Caller.OPERATOR) {
        log.info("operator changed " + trace + request.notes());
      }
      return new Outcome.Given(answer);
    } catch (Refusal refusal) {
      return new Outcome.Refused(refusal);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throttle.warn("request failed " + trace + ": " + e);
      return new Outcome.Given(
          Answer.refusal(
              new Refusal(
                  Kind.INTERNAL, "internal", "The server failed; its log has the reason.")));
    }
  }
}
