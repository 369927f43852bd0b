package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HiddenMembers;
import dev.weft.instrumentation.Mesh;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.auth.AuthExchange;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.URIScheme;
import org.jspecify.annotations.Nullable;

/**
 * Which routes are the mesh's, and the routes to its endpoints: the pools are keyed by them, so
 * connections of two endpoints are never mixed up.
 */
final class MeshRoutes {
  /** Of newer versions: {@code HttpRoute.getUnixDomainSocket()}. */
  private static final @Nullable MethodHandle UNIX_SOCKET =
      HiddenMembers.of(MethodHandles.lookup())
          .optionalMethod(
              "org.apache.hc.client5.http.HttpRoute",
              "getUnixDomainSocket",
              "()Ljava/nio/file/Path;");

  private MeshRoutes() {}

  /** Plain HTTP to a service of the mesh, straight, with no address of the application's own. */
  static boolean meshed(HttpRoute route) {
    HttpHost target = route.getTargetHost();
    return !route.isSecure()
        && route.getProxyHost() == null
        && target.getAddress() == null
        && URIScheme.HTTP.same(target.getSchemeName())
        && Mesh.client().knows(target.getHostName())
        && !unixSocket(route);
  }

  private static boolean unixSocket(HttpRoute route) {
    return UNIX_SOCKET != null && Newer.call(() -> (Path) UNIX_SOCKET.invoke(route)) != null;
  }

  /**
   * Whether an authentication is under way that belongs to its connection (NTLM, Negotiate): the
   * request must stay on the one that the chain holds.
   */
  static boolean boundToConnection(HttpRoute route, HttpClientContext context) {
    AuthExchange exchange = context.getAuthExchange(route.getTargetHost());
    return exchange != null && exchange.isConnectionBased();
  }

  /** The route to an endpoint in place of the application's. */
  static HttpRoute endpoint(HttpRoute application, InetSocketAddress endpoint, PoolKind pool) {
    String scheme = application.getTargetHost().getSchemeName();
    HttpHost target =
        switch (pool) {
          case CONNECTIONS ->
              new HttpHost(
                  scheme,
                  endpoint.getAddress(),
                  application.getTargetHost().getHostName(),
                  endpoint.getPort());
          case SESSIONS ->
              new HttpHost(scheme, endpoint.getAddress().getHostAddress(), endpoint.getPort());
        };
    return new HttpRoute(target, application.getLocalAddress(), false);
  }
}
