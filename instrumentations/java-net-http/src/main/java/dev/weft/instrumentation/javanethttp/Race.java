package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one call that may be under way at once. To cancel it is to cancel them all.
 * Thread-safe.
 */
@SuppressWarnings("ReferenceEquality") // attempts that are alike are still two
final class Race extends CompletableFuture<Void> {
  private final Duration delay;
  private final IdentityHashMap<Attempt, CompletableFuture<?>> sent = new IdentityHashMap<>();
  private @Nullable Attempt winner;
  private boolean cancelled;

  /**
   * A race that begins.
   *
   * @param delay after which an attempt gets a rival
   */
  Race(Duration delay) {
    this.delay = delay;
  }

  /**
   * An attempt joins in; unless the race is over, when it is cancelled.
   *
   * @param rival sends another one; run when this one has not ended after the delay
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the timer ends with the attempt
  void join(Attempt attempt, CompletableFuture<?> future, Runnable rival) {
    boolean late;
    synchronized (this) {
      sent.put(attempt, future);
      // An answer may be faster than the call that asked for it.
      late = cancelled || (winner != null && winner != attempt);
    }
    if (late) {
      future.cancel(true);
      return;
    }
    Limit timer = Limit.after(delay, rival);
    future.whenComplete((response, failure) -> timer.cancel());
  }

  /** The application gets the response of this attempt: the others are cancelled. */
  void won(Attempt attempt) {
    List<CompletableFuture<?>> losers = new ArrayList<>();
    synchronized (this) {
      winner = attempt;
      sent.forEach(
          (each, future) -> {
            if (each != attempt) {
              losers.add(future);
            }
          });
    }
    losers.forEach(loser -> loser.cancel(true));
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    List<CompletableFuture<?>> all;
    synchronized (this) {
      cancelled = true;
      all = List.copyOf(sent.values());
    }
    all.forEach(each -> each.cancel(mayInterruptIfRunning));
    return super.cancel(mayInterruptIfRunning);
  }
}
