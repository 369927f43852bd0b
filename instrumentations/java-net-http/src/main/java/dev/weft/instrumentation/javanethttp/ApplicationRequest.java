package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.OutboundRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The application's request, as the mesh looks at it. */
record ApplicationRequest(HttpRequest request) implements OutboundRequest {
  @Override
  public String method() {
    return request.method();
  }

  @Override
  public String host() {
    return request.uri().getHost();
  }

  @Override
  public int port() {
    int port = request.uri().getPort();
    return port == -1 ? 80 : port;
  }

  @Override
  public String pathAndQuery() {
    URI uri = request.uri();
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    String sent = path == null || path.isEmpty() ? "/" : path;
    return query == null || query.isEmpty() ? sent : sent + "?" + query;
  }

  @Override
  public List<String> header(String name) {
    return request.headers().allValues(name);
  }

  @Override
  public boolean hasBody() {
    return request.bodyPublisher().map(body -> body.contentLength() != 0).orElse(false);
  }

  @Override
  public Optional<Duration> timeout() {
    return request.timeout();
  }
}
