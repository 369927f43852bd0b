package dev.weft.it.contract;

import clients.Heard;
import clients.Order;
import clients.Outcome;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request that was ordered. Thread-safe. */
final class Sent {
  private static final long PATIENCE_SECONDS = 30;

  private final ClientProgram program;
  private final Order order;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private volatile long bytes = -1;

  Sent(ClientProgram program, Order order) {
    this.program = program;
    this.order = order;
  }

  /** Waits for what becomes of it. */
  Outcome outcome() throws InterruptedException {
    try {
      return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new AssertionError("no outcome of " + order + ": " + e, e);
    }
  }

  /** Whether there is an outcome. */
  boolean ended() {
    return outcome.isDone();
  }

  /** How much of the body the application has; -1: not even the head. */
  long bytes() {
    return bytes;
  }

  /** The application gives it up. */
  void cancel() throws IOException {
    program.cancel(order.id());
  }

  void heard(Heard heard) {
    bytes = heard.bytes();
  }

  void ended(Outcome what) {
    outcome.complete(what);
  }

  void lost(Exception why) {
    outcome.completeExceptionally(why);
  }
}
