package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.OutboundRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;

/**
 * A request that is all in the configuration: the application gives no callback that writes it, and
 * so no body. Nothing need be recorded then, which is most of what an adapter's request would cost.
 * Thread-safe.
 */
final class ConfiguredRequest implements OutboundRequest {
  private final HttpHeaders configured;
  private final InetSocketAddress address;
  private final String method;
  private final String pathAndQuery;

  ConfiguredRequest(HttpClientConfig config, Object handler, InetSocketAddress address) {
    this.configured = Configurations.headers(config);
    this.address = address;
    this.method = Internals.method(handler).name();
    this.pathAndQuery = Internals.pathAndQuery(handler);
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String host() {
    return address.getHostString();
  }

  @Override
  public int port() {
    return address.getPort();
  }

  @Override
  public String pathAndQuery() {
    return pathAndQuery;
  }

  @Override
  public List<String> header(String name) {
    if (configured.contains(name)) {
      return configured.getAll(name);
    }
    String added = added(name);
    return added == null ? List.of() : List.of(added);
  }

  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    configured.forEach(field -> nameAndValue.accept(field.getKey(), field.getValue()));
    for (CharSequence each :
        List.of(HttpHeaderNames.USER_AGENT, HttpHeaderNames.HOST, HttpHeaderNames.ACCEPT)) {
      String name = each.toString();
      String value = configured.contains(name) ? null : added(name);
      if (value != null) {
        nameAndValue.accept(name, value);
      }
    }
  }

  /** What the library adds when it is not configured; null: nothing of that name. */
  private @Nullable String added(String name) {
    if (HttpHeaderNames.USER_AGENT.contentEqualsIgnoreCase(name)) {
      return HttpClient.USER_AGENT;
    }
    if (HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
      String host = HttpUtil.formatHostnameForHttp(address);
      int port = address.getPort();
      return port == 80 || port == 443 ? host : host + ":" + port;
    }
    return HttpHeaderNames.ACCEPT.contentEqualsIgnoreCase(name) ? "*/*" : null;
  }

  @Override
  public Body body() {
    return Body.NONE;
  }

  @Override
  public byte @Nullable [] bytes() {
    return null;
  }

  /** The library limits each wait for bytes, not the call. */
  @Override
  public Optional<Duration> timeout() {
    return Optional.empty();
  }
}
