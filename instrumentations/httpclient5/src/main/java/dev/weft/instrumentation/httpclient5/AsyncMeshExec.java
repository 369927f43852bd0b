package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecChainHandler;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.jspecify.annotations.Nullable;

/** What {@link MeshExec} is, for the asynchronous chain. Immutable. */
final class AsyncMeshExec implements AsyncExecChainHandler {
  private final PoolKind pool;

  AsyncMeshExec(PoolKind pool) {
    this.pool = pool;
  }

  @Override
  public void execute(
      HttpRequest request,
      @Nullable AsyncEntityProducer body,
      AsyncExecChain.Scope scope,
      AsyncExecChain chain,
      AsyncExecCallback callback)
      throws HttpException, IOException {
    if (!MeshRoutes.meshed(scope.route)
        || (scope.execRuntime.isEndpointAcquired()
            && MeshRoutes.boundToConnection(scope.route, scope.clientContext))) {
      MeshRetryStrategy.unjudged(scope.clientContext);
      chain.proceed(request, body, scope, callback);
      return;
    }
    AsyncMeshRuntime runtime = new AsyncMeshRuntime(scope.execRuntime, scope.route, pool);
    chain.proceed(
        request,
        body,
        new AsyncExecChain.Scope(
            scope.exchangeId,
            scope.route,
            scope.originalRequest,
            scope.cancellableDependency,
            scope.clientContext,
            runtime),
        runtime.ending(callback));
  }
}
