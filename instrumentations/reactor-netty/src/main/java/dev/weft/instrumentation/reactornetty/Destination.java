package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.Mesh;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.transport.ProxyProvider;

/** Where the application's request goes, if that is the mesh's business. */
final class Destination {
  private Destination() {}

  /**
   * The host and port that the application asks for.
   *
   * @param handler the library's {@code HttpClientHandler}
   * @return null: not a host of the mesh, over TLS of its own, or through a proxy
   */
  static @Nullable InetSocketAddress inMesh(HttpClientConfig config, Object handler) {
    if (Internals.secure(handler)
        || !(Internals.address(handler) instanceof InetSocketAddress address)
        || !Mesh.client().knows(address.getHostString())) {
      return null;
    }
    ProxyProvider proxy = Configurations.proxy(config);
    return proxy != null && proxy.shouldProxy(address) ? null : address;
  }
}
