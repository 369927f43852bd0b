package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Target;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The last one before the server: what goes over the wire is an edited copy of the request, which
 * no interceptor of the application sees. Notes how the exchange went.
 */
final class WireInterceptor implements Interceptor {
  /** What the library reads in the request while it sends it, besides sending it. */
  private static final Set<String> HEEDED = Set.of("connection", "expect", "upgrade");

  private final MeshInterceptor mesh;

  WireInterceptor(MeshInterceptor mesh) {
    this.mesh = mesh;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    Sending sending = mesh.sending();
    if (sending == null) {
      return chain.proceed(request);
    }
    Request edited = edited(request, sending.attempt());
    sending.connected();
    try {
      sending.exchange(LibraryCall.exchange(chain));
      if (!mesh.observed() && unheeded(sending.attempt())) {
        return sent(chain, request, edited);
      }
      Response response = chain.proceed(edited);
      return mesh.observed() && edited != request
          ? response.newBuilder().request(request).build()
          : response; // MeshCall puts the application's request in
    } catch (IOException e) {
      sending.failed(e);
      throw e;
    }
  }

  /**
   * As if it were the application's, so that nothing has to be put right in the response. Not where
   * interceptors of the application look at the response, and may put another body into it.
   */
  private static Response sent(Chain chain, Request request, Request edited) throws IOException {
    OnTheWire.current(edited);
    try {
      return chain.proceed(request);
    } finally {
      OnTheWire.current(null);
    }
  }

  /** Whether the library need not know what is different on the wire. */
  private static boolean unheeded(Attempt attempt) {
    List<HeaderChange> changes = attempt.requestHeaders();
    for (int i = 0; i < changes.size(); i++) {
      if (HEEDED.contains(changes.get(i).name().toLowerCase(Locale.ROOT))) {
        return false;
      }
    }
    return attempt.target().isEmpty();
  }

  private static Request edited(Request request, Attempt attempt) {
    if (attempt.requestHeaders().isEmpty() && attempt.target().isEmpty()) {
      return request;
    }
    Request.Builder edited = request.newBuilder();
    if (attempt.target().isEmpty() && HeaderEdits.apply(edited, attempt.requestHeaders())) {
      return edited.build();
    }
    Headers headers = request.headers();
    if (attempt.target().isPresent()) {
      Target target = attempt.target().get();
      if (target.authority().isPresent()) {
        headers = headers.newBuilder().set("Host", target.authority().get()).build();
      }
      target.pathAndQuery().ifPresent(path -> edited.url(asking(request.url(), path)));
    }
    return edited.headers(HeaderEdits.apply(headers, attempt.requestHeaders())).build();
  }

  private static HttpUrl asking(HttpUrl url, String pathAndQuery) {
    int query = pathAndQuery.indexOf('?');
    return url.newBuilder()
        .encodedPath(query < 0 ? pathAndQuery : pathAndQuery.substring(0, query))
        .encodedQuery(query < 0 ? null : pathAndQuery.substring(query + 1))
        .build();
  }
}
