package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.JdkProxies;
import dev.weft.instrumentation.Mesh;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
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
 * In the place of {@code ConnectInterceptor}, which it calls: behind redirects, cookies and the
 * cache, which go on seeing the application's request, and before a connection is chosen. So each
 * hop to a host of the mesh is a request of its own, and the rest of the chain runs once per
 * attempt.
 *
 * <p>Other interceptors of the same call tell it how far an attempt came: {@link WireInterceptor},
 * the last one before the server, and if the application has network interceptors, one before
 * those. One per call; confined to the thread that the call runs on.
 */
final class MeshInterceptor implements Interceptor {
  private final Interceptor connect;
  private final boolean observed;
  private final @Nullable RivalCall rival;
  private @Nullable Sending sending;

  /** Whether a hop's request is here. */
  private boolean intercepting;

  /** Whether no plan has been made for the hop that is to come. */
  private boolean unplanned;

  private MeshInterceptor(Interceptor connect, boolean observed, @Nullable RivalCall rival) {
    this.connect = connect;
    this.observed = observed;
    this.rival = rival;
  }

  /**
   * The interceptors of a call with ours; of a rival's call only those of the network. Null when
   * they are there, or it is no call's list.
   */
  static @Nullable List<Interceptor> insert(List<Interceptor> interceptors) {
    List<Interceptor> all = new ArrayList<>(interceptors.size() + 3);
    int last = interceptors.size() - 1; // it talks to the server
    MeshInterceptor mesh = null;
    RivalCall rival = null;
    for (int i = 0; i <= last; i++) {
      Interceptor each = interceptors.get(i);
      if (each instanceof MeshInterceptor) {
        return null;
      }
      if (each instanceof RivalCall call) {
        rival = call;
      }
      if (each instanceof ConnectInterceptor) {
        mesh = new MeshInterceptor(each, i < last - 1, rival);
        if (rival != null) {
          all.clear();
        }
        all.add(mesh);
        if (mesh.observed) {
          all.add(mesh::connected);
        }
      } else {
        if (i == last && mesh != null) {
          all.add(new WireInterceptor(mesh));
        }
        all.add(each);
      }
    }
    return mesh == null ? null : all;
  }

  /** Whether the one of this call plans the connection of the hop that is to come itself. */
  static boolean plansLater(Chain chain) {
    List<Interceptor> interceptors = LibraryCall.interceptors(chain);
    for (int i = interceptors.size() - 1; i >= 0; i--) {
      if (interceptors.get(i) instanceof MeshInterceptor mesh) {
        mesh.unplanned = !mesh.intercepting;
        return mesh.unplanned;
      }
    }
    return false;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    boolean plans = unplanned;
    intercepting = true;
    unplanned = false;
    try {
      return rival == null ? intercepted(chain, plans) : rival.respond(chain, this);
    } finally {
      intercepting = false;
    }
  }

  private Response intercepted(Chain chain, boolean plans) throws IOException {
    Request request = chain.request();
    HttpUrl url = request.url();
    if (url.isHttps() || !Mesh.client().knows(url.host()) || proxied(chain, url)) {
      return passed(chain, plans);
    }
    ClientExchange exchange =
        Mesh.client()
            .begin(OkHttpInstrumentation.NAME, new ApplicationRequest(request, chain.call()));
    return exchange == null ? passed(chain, plans) : new MeshCall(chain, this, exchange).response();
  }

  /** What the library does without a mesh. */
  private Response passed(Chain chain, boolean plans) throws IOException {
    if (plans) {
      LibraryCall.enter(LibraryCall.of(chain), chain.request(), chain, null);
    }
    return connect(chain);
  }

  /** Finds a connection by the plan that was made last, and runs the rest of the chain. */
  Response connect(Chain chain) throws IOException {
    return connect.intercept(chain);
  }

  /** Whether interceptors of the application see what comes from the server. */
  boolean observed() {
    return observed;
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
    ProxySelector selector = LibraryCall.proxySelector(chain);
    if (JdkProxies.none(selector)) {
      return false;
    }
    URI uri = url.uri();
    if (uri.getHost() == null) {
      return false; // a host such as my_service, of which no selector is asked
    }
    try {
      List<Proxy> selected = selector.select(uri);
      return selected != null && !selected.isEmpty() && selected.get(0).type() != Proxy.Type.DIRECT;
    } catch (IllegalArgumentException e) {
      return true; // a broken setting, which the library will meet as without us
    }
  }
}
