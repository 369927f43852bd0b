package dev.weft.instrumentation.jdkhttpserver;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.weft.instrumentation.InboundRequest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server's request, as the mesh looks at it. */
record ReceivedRequest(HttpExchange exchange) implements InboundRequest {
  @Override
  public String method() {
    return exchange.getRequestMethod();
  }

  @Override
  public String path() {
    @Nullable String path = exchange.getRequestURI().getRawPath();
    return path == null ? "" : path;
  }

  @Override
  public String query() {
    @Nullable String query = exchange.getRequestURI().getRawQuery();
    return query == null ? "" : query;
  }

  @Override
  public String authority() {
    @Nullable String host = exchange.getRequestHeaders().getFirst("Host");
    return host == null ? "" : host;
  }

  @Override
  public List<String> header(String name) {
    @Nullable List<String> values = exchange.getRequestHeaders().get(name);
    return values == null ? List.of() : values;
  }

  /** The server's own headers are not to be changed, so the application gets others. */
  @Override
  public boolean replaceHeader(String name, @Nullable String value) {
    Headers changed = new Headers();
    exchange
        .getRequestHeaders()
        .forEach((key, values) -> changed.put(key, new ArrayList<>(values)));
    changed.remove(name);
    if (value != null) {
      changed.set(name, value);
    }
    return JdkServer.requestHeaders(exchange, changed);
  }

  @Override
  public InetSocketAddress remote() {
    return exchange.getRemoteAddress();
  }

  @Override
  public InetSocketAddress local() {
    return exchange.getLocalAddress();
  }
}
