package dev.weft.instrumentation.jdkhttpserver;

import com.sun.net.httpserver.HttpExchange;
import dev.weft.instrumentation.InboundRequest;
import java.net.InetSocketAddress;
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
  public String authority() {
    @Nullable String host = exchange.getRequestHeaders().getFirst("Host");
    return host == null ? "" : host;
  }

  @Override
  public List<String> header(String name) {
    @Nullable List<String> values = exchange.getRequestHeaders().get(name);
    return values == null ? List.of() : values;
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
