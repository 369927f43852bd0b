package clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code java.net.HttpURLConnection}. Connections and cookies are the whole program's; given up by
 * {@code disconnect}.
 */
public final class UrlConnection implements Library {
  private static final int CHUNK = 4096;

  /** Opens what each order needs, and nothing before. */
  public UrlConnection() {}

  @Override
  public Outcome send(Call call) throws IOException {
    Order order = call.order();
    HttpURLConnection connection = open(order);
    call.onCancel(connection::disconnect);
    Body body = order.body();
    if (body.kind() != Body.Kind.NONE) {
      connection.setDoOutput(true);
      if (body.kind() == Body.Kind.STREAMED) {
        connection.setChunkedStreamingMode(CHUNK);
      }
      try (OutputStream out = connection.getOutputStream()) {
        body.stream().transferTo(out);
      }
    }
    int status = connection.getResponseCode();
    InputStream stream = status >= 400 ? connection.getErrorStream() : connection.getInputStream();
    return call.answered(
        status,
        "",
        connection.getURL().toString(),
        headers(connection),
        stream != null ? stream : InputStream.nullInputStream());
  }

  private static HttpURLConnection open(Order order) throws IOException {
    Setup setup = order.setup();
    Proxy proxy =
        setup.proxy().isEmpty()
            ? Proxy.NO_PROXY
            : new Proxy(
                Proxy.Type.HTTP, new InetSocketAddress(setup.proxyHost(), setup.proxyPort()));
    if (setup.cookies()) {
      keepCookies();
    }
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(order.uri()).toURL().openConnection(proxy);
    connection.setRequestMethod(order.method());
    connection.setInstanceFollowRedirects(setup.redirects());
    connection.setReadTimeout(order.timeoutMillis());
    order.headers().forEach(header -> connection.addRequestProperty(header.name(), header.value()));
    return connection;
  }

  private static synchronized void keepCookies() {
    if (CookieHandler.getDefault() == null) {
      CookieHandler.setDefault(new CookieManager());
    }
  }

  private static List<Header> headers(HttpURLConnection connection) {
    List<Header> headers = new ArrayList<>();
    for (int i = 1; connection.getHeaderFieldKey(i) != null; i++) { // 0 is the status line
      headers.add(new Header(connection.getHeaderFieldKey(i), connection.getHeaderField(i)));
    }
    return headers;
  }

  @Override
  public void close() {}
}
