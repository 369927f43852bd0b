package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Limit;
import java.io.InterruptedIOException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.jspecify.annotations.Nullable;

/**
 * What follows a lease or a dial of the library; nothing, when the attempt was given up.
 *
 * @param limit of this stage
 * @param leased where a lease without a dial goes to, of which it is to be seen whether it is
 *     connected; null: there is a connection now
 */
record LeaseStage(AsyncCall call, Sending attempt, Limit limit, @Nullable HttpRoute leased)
    implements FutureCallback<AsyncExecRuntime> {
  @Override
  public void completed(AsyncExecRuntime ignored) {
    boolean inTime = limit.cancel();
    AsyncConnections connections = attempt.connections();
    if (call.over() || connections.retired()) {
      connections.free();
    } else if (inTime && attempt.open()) {
      try {
        follow();
      } catch (RuntimeException e) { // the connection is gone already
        attempt.failed(e);
      }
    }
  }

  private void follow() {
    if (leased == null) {
      call.execute(attempt);
    } else {
      call.connect(attempt, leased);
    }
  }

  @Override
  public void failed(Exception failure) {
    limit.cancel();
    if (leased == null) {
      attempt.failed(failure);
    } else {
      // A full pool is not the endpoint's fault: no other endpoint is asked for.
      attempt.unleased(failure);
    }
  }

  @Override
  public void cancelled() {
    failed(new InterruptedIOException("Request cancelled"));
  }
}
