package dev.weft.instrumentation.httpurlconnection;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.StoredCookies;
import java.io.ByteArrayOutputStream;
import java.lang.ref.WeakReference;
import java.net.CookieHandler;
import java.net.HttpURLConnection;
import java.net.URL;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The application's request, as the mesh looks at it. Holds the connection weakly, see {@link
 * PendingCalls}.
 */
final class ApplicationRequest implements OutboundRequest {
  private final URL url;
  private final WeakReference<HttpURLConnection> connection;

  ApplicationRequest(URL url, HttpURLConnection connection) {
    this.url = url;
    this.connection = new WeakReference<>(connection);
  }

  @Override
  public String method() {
    HttpURLConnection live = connection.get();
    return live == null ? "GET" : live.getRequestMethod();
  }

  @Override
  public String host() {
    return url.getHost();
  }

  @Override
  public int port() {
    return url.getPort() == -1 ? url.getDefaultPort() : url.getPort();
  }

  @Override
  public String pathAndQuery() {
    String file = url.getFile();
    return file.startsWith("/") ? file : "/" + file;
  }

  @Override
  public List<String> header(String name) {
    HttpURLConnection live = connection.get();
    List<String> written = live == null ? List.of() : JdkHttp.values(JdkHttp.requests(live), name);
    return written.isEmpty() && name.equalsIgnoreCase("cookie")
        ? StoredCookies.sent(CookieHandler.getDefault(), HttpUrlConnectionAdapter.origin(url))
        : written;
  }

  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    HttpURLConnection live = connection.get();
    if (live != null) {
      JdkHttp.each(JdkHttp.requests(live), nameAndValue);
    }
  }

  /** Known once the application has written it, so later than the request begins. */
  @Override
  public Body body() {
    HttpURLConnection live = connection.get();
    if (live == null || JdkHttp.streaming(live)) {
      return Body.ONCE;
    }
    ByteArrayOutputStream body = JdkHttp.poster(live);
    if (body == null || body.size() == 0) {
      return Body.NONE;
    }
    return body.size() <= MAX_REPLAYED ? Body.REPLAYABLE : Body.ONCE;
  }

  @Override
  public byte @Nullable [] bytes() {
    HttpURLConnection live = connection.get();
    ByteArrayOutputStream body =
        live == null || body() != Body.REPLAYABLE ? null : JdkHttp.poster(live);
    return body == null ? null : body.toByteArray();
  }

  @Override
  public Optional<Duration> timeout() {
    return Optional.empty(); // the library bounds connecting and each read, never the whole
  }
}
