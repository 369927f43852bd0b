package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Limit;
import java.io.InterruptedIOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.core5.concurrent.FutureCallback;

/**
 * What follows a lease or a dial of the library; nothing, when the attempt was given up.
 *
 * @param over whether nobody wants a response any more
 * @param limit of this stage
 * @param failing hears of a failure
 */
record LeaseStage(
    Sending attempt,
    BooleanSupplier over,
    Limit limit,
    Runnable following,
    Consumer<Exception> failing)
    implements FutureCallback<AsyncExecRuntime> {
  @Override
  public void completed(AsyncExecRuntime ignored) {
    boolean inTime = limit.cancel();
    AsyncConnections connections = attempt.connections();
    if (over.getAsBoolean() || connections.retired()) {
      connections.free();
    } else if (inTime && attempt.open()) {
      try {
        following.run();
      } catch (RuntimeException e) { // the connection is gone already
        attempt.failed(e);
      }
    }
  }

  @Override
  public void failed(Exception failure) {
    limit.cancel();
    failing.accept(failure);
  }

  @Override
  public void cancelled() {
    failed(new InterruptedIOException("Request cancelled"));
  }
}
