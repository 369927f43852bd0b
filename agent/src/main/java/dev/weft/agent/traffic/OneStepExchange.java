package dev.weft.agent.traffic;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Deliver;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.Step;
import dev.weft.instrumentation.Verdict;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request with which one thing is done and no other: it is answered, or sent once as it is.
 * Thread-safe.
 */
final class OneStepExchange implements ClientExchange {
  private final Step only;
  private final Consumer<@Nullable Throwable> outcome;
  private final AtomicBoolean ended = new AtomicBoolean();

  /**
   * A request that has begun.
   *
   * @param outcome told once how it ended, as {@link #end}
   */
  OneStepExchange(Step only, Consumer<@Nullable Throwable> outcome) {
    this.only = only;
    this.outcome = outcome;
  }

  @Override
  public Step first() {
    return only;
  }

  @Override
  public @Nullable Step retry(Attempt attempt, Throwable failure, Progress progress) {
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
      outcome.accept(failure);
    }
  }
}
