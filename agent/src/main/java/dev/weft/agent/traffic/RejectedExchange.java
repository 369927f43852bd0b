package dev.weft.agent.traffic;

import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.agent.telemetry.ClientOutcome;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import dev.weft.policy.Decision;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A request that policy answers itself. */
final class RejectedExchange implements ClientExchange {
  private final Decision.Reject decision;
  private final ClientObservation observation;
  private final AtomicBoolean ended = new AtomicBoolean();

  RejectedExchange(Decision.Reject decision, ClientObservation observation) {
    this.decision = decision;
    this.observation = observation;
  }

  @Override
  public Step first() {
    return new LocalReply(decision.status(), decision.flag(), decision.rule(), decision.reason());
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
      observation.end(
          new ClientOutcome(
              decision.status(), decision.flag(), decision.rule(), null, null, 0, failure));
    }
  }
}
