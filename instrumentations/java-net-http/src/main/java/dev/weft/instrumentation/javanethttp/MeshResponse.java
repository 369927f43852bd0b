package dev.weft.instrumentation.javanethttp;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What the application gets: the response as it came, with the application's own request and the
 * headers that policy edited; or a reply of the mesh itself. Immutable.
 */
final class MeshResponse<T> implements HttpResponse<T> {
  private final int status;
  private final HttpRequest request;
  private final URI uri;
  private final HttpHeaders headers;
  private final @Nullable T body;
  private final HttpClient.Version version;
  private final @Nullable HttpResponse<T> delegate;

  private MeshResponse(
      int status,
      HttpRequest request,
      URI uri,
      HttpHeaders headers,
      @Nullable T body,
      HttpClient.Version version,
      @Nullable HttpResponse<T> delegate) {
    this.status = status;
    this.request = request;
    this.uri = uri;
    this.headers = headers;
    this.body = body;
    this.version = version;
    this.delegate = delegate;
  }

  /**
   * A response that came from an endpoint.
   *
   * @param asked the URI that the attempt asked for, which policy may have rewritten
   */
  static <T> MeshResponse<T> of(
      HttpResponse<T> response, HttpRequest application, URI asked, HttpHeaders headers) {
    HttpRequest sent = response.request();
    boolean first = sent.uri().equals(asked) && sent.method().equals(application.method());
    return new MeshResponse<>(
        response.statusCode(),
        first ? application : sent,
        first ? application.uri() : response.uri(),
        headers,
        response.body(),
        response.version(),
        response);
  }

  /** A reply that no endpoint gave. */
  static <T> MeshResponse<T> local(
      int status, HttpRequest application, HttpHeaders headers, @Nullable T body) {
    return new MeshResponse<>(
        status, application, application.uri(), headers, body, HttpClient.Version.HTTP_1_1, null);
  }

  @Override
  public int statusCode() {
    return status;
  }

  @Override
  public HttpRequest request() {
    return request;
  }

  @Override
  public Optional<HttpResponse<T>> previousResponse() {
    return delegate == null ? Optional.empty() : delegate.previousResponse();
  }

  @Override
  public HttpHeaders headers() {
    return headers;
  }

  @Override
  @SuppressWarnings("NullAway") // a body handler may make null of a body; the JDK is not annotated
  public T body() {
    return body;
  }

  @Override
  public Optional<SSLSession> sslSession() {
    return delegate == null ? Optional.empty() : delegate.sslSession();
  }

  @Override
  public URI uri() {
    return uri;
  }

  @Override
  public HttpClient.Version version() {
    return version;
  }

  /** Overrides the method that JDK 25 added to the interface. */
  public Optional<String> connectionLabel() {
    return delegate == null ? Optional.empty() : JdkClient.connectionLabel(delegate);
  }

  @Override
  public String toString() {
    return "(" + request.method() + " " + request.uri() + ") " + status;
  }
}
