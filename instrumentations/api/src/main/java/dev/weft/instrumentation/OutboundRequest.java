package dev.weft.instrumentation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A client library's own request, as the mesh may look at it. A thin live view. */
public interface OutboundRequest {
  /** Largest body that is kept to be sent again, or copied to a mirror. */
  int MAX_REPLAYED = 64 * 1024;

  /** Whether a request has a body, and whether that can be had more than once. */
  enum Body {
    NONE,
    /** The adapter can send it as often as it is asked to; at most {@link #MAX_REPLAYED}. */
    REPLAYABLE,
    /** A stream, of a length that nobody knows, or too long: sent once. */
    ONCE
  }

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

  /**
   * All headers that the application has set, in order, in the case it wrote. Framing and what the
   * library adds by itself may be missing.
   */
  void eachHeader(BiConsumer<String, String> nameAndValue);

  /** What may be done with the body. */
  Body body();

  /**
   * The bytes of a {@link Body#REPLAYABLE} body, for a copy; null: none, or they cannot be had
   * without sending the request. Asked for only where a copy is wanted.
   */
  byte @Nullable [] bytes();

  /** The application's own limit for the whole call; empty: none, or the library has no such. */
  Optional<Duration> timeout();
}
