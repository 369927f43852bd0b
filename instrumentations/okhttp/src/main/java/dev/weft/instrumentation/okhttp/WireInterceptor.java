package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.Target;
import java.io.IOException;
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
      Response response = chain.proceed(edited);
      return mesh.observed() && edited != request
          ? response.newBuilder().request(request).build()
          : response; // MeshCall puts the application's request in
    } catch (IOException e) {
      sending.failed(e);
      throw e;
    }
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
