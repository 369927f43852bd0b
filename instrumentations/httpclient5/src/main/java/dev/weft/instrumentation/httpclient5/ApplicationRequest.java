package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.OutboundRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** The request that leaves the library's chain, as the mesh looks at it. */
final class ApplicationRequest implements OutboundRequest {
  private final HttpRequest request;
  private final HttpHost target;
  private final Content content;

  ApplicationRequest(HttpRequest request, HttpHost target, Content content) {
    this.request = request;
    this.target = target;
    this.content = content;
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public String host() {
    return target.getHostName();
  }

  @Override
  public int port() {
    return target.getPort() == -1 ? 80 : target.getPort();
  }

  @Override
  public String pathAndQuery() {
    String path = request.getPath();
    return path == null || path.isEmpty() ? "/" : path;
  }

  @Override
  public List<String> header(String name) {
    return HeaderValues.of(request, name);
  }

  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    for (Header header : request.getHeaders()) {
      nameAndValue.accept(header.getName(), HeaderValues.value(header));
    }
  }

  @Override
  public Body body() {
    return content.kind();
  }

  @Override
  public byte @Nullable [] bytes() {
    return content.kind() == Body.REPLAYABLE ? content.bytes() : null;
  }

  /** None: the library bounds single waits, not calls. */
  @Override
  public Optional<Duration> timeout() {
    return Optional.empty();
  }

  /** The body of a request. */
  interface Content {
    Body kind();

    byte @Nullable [] bytes();
  }
}
