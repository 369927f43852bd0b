package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Mesh;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.internal.connection.ConnectInterceptor;
import org.jspecify.annotations.Nullable;

/**
 * Right before {@code ConnectInterceptor}: behind redirects, cookies and the cache, which go on
 * seeing the application's request, and before a connection is chosen. So each hop to a host of the
 * mesh is a request of its own, and the rest of the chain runs once per attempt.
 *
 * <p>Two more interceptors of the same call tell it how far an attempt came: one behind {@code
 * ConnectInterceptor} and one, {@link WireInterceptor}, behind the application's network
 * interceptors. One per call; confined to the thread that the call runs on.
 */
final class MeshInterceptor implements Interceptor {
  private @Nullable Sending sending;

  private MeshInterceptor() {}

  /** The interceptors of a call with ours; null when they are there, or it is no call's list. */
  static @Nullable List<Interceptor> insert(List<Interceptor> interceptors) {
    List<Interceptor> all = new ArrayList<>(interceptors.size() + 3);
    MeshInterceptor mesh = null;
    for (Interceptor each : interceptors) {
      if (each instanceof MeshInterceptor) {
        return null;
      }
      if (each instanceof ConnectInterceptor) {
        mesh = new MeshInterceptor();
        all.add(mesh);
        all.add(each);
        all.add(mesh::connected);
      } else {
        all.add(each);
      }
    }
    if (mesh == null) {
      return null;
    }
    all.add(all.size() - 1, new WireInterceptor(mesh)); // the last one talks to the server
    return all;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    HttpUrl url = request.url();
    if (url.isHttps() || !Mesh.client().knows(url.host()) || proxied(chain, url)) {
      return chain.proceed(request);
    }
    ClientExchange exchange =
        Mesh.client()
            .begin(OkHttpInstrumentation.NAME, new ApplicationRequest(request, chain.call()));
    return exchange == null
        ? chain.proceed(request)
        : new MeshCall(chain, this, exchange).response();
  }

  /** The attempt under way; null: none of the mesh. */
  @Nullable Sending sending() {
    return sending;
  }

  void sending(@Nullable Sending current) {
    sending = current;
  }

  private Response connected(Chain chain) throws IOException {
    Sending current = sending;
    if (current != null) {
      current.connected();
    }
    return chain.proceed(chain.request());
  }

  /** Whether the application has set a proxy; the library asks in the same way. */
  private static boolean proxied(Chain chain, HttpUrl url) {
    Proxy proxy = LibraryCall.proxy(chain);
    if (proxy != null) {
      return proxy.type() != Proxy.Type.DIRECT;
    }
    URI uri = url.uri();
    if (uri.getHost() == null) {
      return false; // a host such as my_service, of which no selector is asked
    }
    try {
      List<Proxy> selected = LibraryCall.proxySelector(chain).select(uri);
      return selected != null && !selected.isEmpty() && selected.get(0).type() != Proxy.Type.DIRECT;
    } catch (IllegalArgumentException e) {
      return true; // a broken setting, which the library will meet as without us
    }
  }
}
