package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * Last handler of the classic chain before the one that connects. Redirects, challenges and the
 * application's own retries come from above, so each of their requests passes here. Stateless.
 */
final class MeshExec implements ExecChainHandler {
  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
      throws IOException, HttpException {
    if (!MeshRoutes.meshed(scope.route)
        || (scope.execRuntime.isEndpointAcquired()
            && MeshRoutes.boundToConnection(scope.route, scope.clientContext))) {
      MeshRetryStrategy.unjudged(scope.clientContext);
      return chain.proceed(request, scope);
    }
    MeshRuntime runtime = new MeshRuntime(scope.execRuntime, scope.route);
    try {
      return chain.proceed(
          request,
          new ExecChain.Scope(
              scope.exchangeId, scope.route, scope.originalRequest, runtime, scope.clientContext));
    } catch (Throwable t) {
      runtime.failed(t);
      throw t;
    }
  }
}
