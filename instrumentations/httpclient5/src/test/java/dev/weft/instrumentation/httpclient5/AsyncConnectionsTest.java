package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.junit.jupiter.api.Test;

class AsyncConnectionsTest {
  private final AtomicInteger cancelled = new AtomicInteger();
  private final Cancellable underWay = () -> cancelled.incrementAndGet() > 0;

  /** Another thread may cancel as soon as the request is on the wire. */
  @Test
  void whatIsCancelledBeforeTheLibraryHasSaidHowIsCancelled() {
    AsyncConnections[] cancelling = new AsyncConnections[1];
    AsyncConnections connections =
        connections(
            () -> {
              cancelling[0].cancel();
              return underWay;
            });
    cancelling[0] = connections;

    connections.connect(null);

    assertThat(cancelled).hasValue(1);
  }

  @Test
  void whatFollowsSomethingCancelledIsNot() {
    AsyncConnections connections = connections(() -> underWay);
    connections.connect(null);
    connections.cancel();
    assertThat(cancelled).hasValue(1);

    connections.connect(null);

    assertThat(cancelled).hasValue(1);
  }

  private static AsyncConnections connections(Supplier<Cancellable> begin) {
    AsyncExecRuntime runtime =
        (AsyncExecRuntime)
            Proxy.newProxyInstance(
                AsyncConnectionsTest.class.getClassLoader(),
                new Class<?>[] {AsyncExecRuntime.class},
                (proxy, method, arguments) ->
                    method.getReturnType() == Cancellable.class ? begin.get() : null);
    return new AsyncConnections(runtime, "1", HttpClientContext.create(), PoolKind.CONNECTIONS);
  }
}
