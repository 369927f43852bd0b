package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.StoredCookies;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The application's request, as the mesh looks at it. Thread-safe. */
final class ApplicationRequest implements OutboundRequest {
  private final HttpClient client;
  private final HttpRequest request;

  /** Of the attempt under way. */
  private volatile @Nullable Destination destination;

  ApplicationRequest(HttpClient client, HttpRequest request) {
    this.client = client;
    this.request = request;
  }

  /** An attempt begins. */
  void sentTo(Destination attempt) {
    destination = attempt;
  }

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
    return pathAndQuery(request.uri());
  }

  static String pathAndQuery(URI uri) {
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    String sent = path == null || path.isEmpty() ? "/" : path;
    return query == null || query.isEmpty() ? sent : sent + "?" + query;
  }

  @Override
  public List<String> header(String name) {
    List<String> written = request.headers().allValues(name);
    if (!written.isEmpty()) {
      return written;
    }
    if (name.equalsIgnoreCase("cookie")) {
      return StoredCookies.sent(client.cookieHandler().orElse(null), request.uri());
    }
    return WebSockets.opens(request) ? WebSockets.header(name) : written;
  }

  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    request
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> nameAndValue.accept(name, value)));
  }

  /** What the client made of a redirect or a challenge is another request, sent once. */
  @Override
  public Body body() {
    Destination current = destination;
    if (current != null && current.followedUp()) {
      return Body.ONCE;
    }
    return request.bodyPublisher().map(Bodies::kind).orElse(Body.NONE);
  }

  @Override
  public byte @Nullable [] bytes() {
    return request.bodyPublisher().map(Bodies::bytes).orElse(null);
  }

  @Override
  public Optional<Duration> timeout() {
    return request.timeout();
  }
}
