package dev.weft.instrumentation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A client library's own request, as the mesh may look at it. A thin live view. */
public interface OutboundRequest {
  /** Request method as it will be sent. */
  String method();

  /** Host as the application wrote it, without port; any case. */
  String host();

  /** Port the application dials, 1 to 65535. */
  int port();

  /** Path and query as they will be sent, starting with {@code /}. */
  String pathAndQuery();

  /** Values of a header in order; the name has any case; empty when absent. */
  List<String> header(String name);

  /** Whether the request carries a body (then only a provably unsent request is repeated). */
  boolean hasBody();

  /** The application's own limit for the whole call; empty: none, or the library has no such. */
  Optional<Duration> timeout();
}
