package dev.weft.agent.traffic;

import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import dev.weft.policy.Decision;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A request that a rule answers itself. Thread-safe. */
final class AnsweredExchange implements ClientExchange {
  private final LocalReply reply;
  private final ClientObservation observation;
  private final AtomicBoolean ended = new AtomicBoolean();

  AnsweredExchange(LocalReply reply, ClientObservation observation) {
    this.reply = reply;
    this.observation = observation;
  }

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
    if (decision instanceof Decision.Answer answer) {
      return new LocalReply(answer.status(), "", answer.rule(), answer.body());
    }
    return null;
  }

  @Override
  public Step first() {
    return reply;
  }

  @Override
  public @Nullable Attempt retry(Attempt attempt, Throwable failure, Progress progress) {
    return null;
  }

  @Override
  public Optional<Duration> remaining() {
    return Optional.empty();
  }

  @Override
  public boolean expired() {
    return false;
  }

  @Override
  public String timeoutMessage() {
    return "request timed out";
  }

  @Override
  public Verdict responded(Attempt attempt, int status, Headers headers) {
    return Deliver.UNCHANGED;
  }

  @Override
  public void end(@Nullable Throwable failure) {
    if (ended.compareAndSet(false, true)) {
      String flags = reply.flag().isEmpty() ? "-" : reply.flag();
      observation.end(
          new ClientOutcome(reply.status(), flags, reply.rule(), null, null, 0, failure));
    }
  }
}
