package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Target;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The application's request as one attempt sends it. Immutable. */
final class MeshRequest extends HttpRequest {
  /** Headers that the client refuses in a request; policy cannot set them here. */
  private static final List<String> RESTRICTED =
      List.of("connection", "content-length", "expect", "host", "upgrade");

  private final HttpRequest application;
  private final URI uri;
  private final Destination destination;
  private final HttpHeaders headers;

  /** What the client does not see before it has copied and checked the headers. */
  private final List<HeaderChange> unseen;

  private final Optional<Duration> timeout;

  /**
   * The request of an attempt.
   *
   * @param timeout for the client's own timer, until there is a response
   */
  MeshRequest(
      HttpRequest application,
      Attempt attempt,
      URI uri,
      Destination destination,
      Optional<Duration> timeout) {
    this.application = application;
    this.uri = uri;
    this.destination = destination;
    List<HeaderChange> changes = allowed(attempt.requestHeaders());
    boolean plain = HeaderEdits.plain(changes);
    this.headers =
        plain ? application.headers() : HeaderEdits.forClient(application.headers(), changes);
    this.unseen = plain ? changes : List.of();
    this.timeout =
        timeout.isPresent() && timeout.get().isZero()
            ? Optional.of(Duration.ofMillis(1)) // the client takes no zero
            : timeout;
  }

  private static List<HeaderChange> allowed(List<HeaderChange> changes) {
    for (int i = 0; i < changes.size(); i++) {
      if (restricted(changes.get(i))) {
        return changes.stream().filter(change -> !restricted(change)).toList();
      }
    }
    return changes;
  }

  private static boolean restricted(HeaderChange change) {
    for (int i = 0; i < RESTRICTED.size(); i++) {
      if (RESTRICTED.get(i).equalsIgnoreCase(change.name())) {
        return true;
      }
    }
    return false;
  }

  /** The URI that an attempt asks for. */
  static URI uri(HttpRequest application, Attempt attempt) {
    URI written = application.uri();
    if (attempt.target().isEmpty()) {
      return written;
    }
    Target target = attempt.target().get();
    String authority = target.authority().orElse(written.getRawAuthority());
    String path = target.pathAndQuery().orElseGet(() -> ApplicationRequest.pathAndQuery(written));
    return URI.create(written.getScheme() + "://" + authority + path);
  }

  /** Whether it is a handshake, as the application's is. */
  boolean opensWebSocket() {
    return WebSockets.opens(application);
  }

  Destination destination() {
    return destination;
  }

  /** To be copied and checked by the client, which then asks for those that are {@link #sent}. */
  @Override
  public HttpHeaders headers() {
    return headers;
  }

  /** With the edits that need no check, for which the client makes no second copy. */
  HttpHeaders sent(HttpHeaders copy) {
    return HeaderEdits.forClient(copy, unseen);
  }

  @Override
  public Optional<Duration> timeout() {
    return timeout;
  }

  @Override
  public Optional<BodyPublisher> bodyPublisher() {
    return application.bodyPublisher();
  }

  @Override
  public String method() {
    return application.method();
  }

  @Override
  public boolean expectContinue() {
    return application.expectContinue();
  }

  @Override
  public URI uri() {
    return uri;
  }

  @Override
  public Optional<HttpClient.Version> version() {
    return application.version();
  }
}
