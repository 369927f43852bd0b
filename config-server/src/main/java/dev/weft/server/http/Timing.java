package dev.weft.server.http;

import java.time.Duration;

/**
 * How long a connection may take for what. Immutable.
 *
 * @param handshake from TCP to TLS
 * @param request from the first byte of a request to its last
 * @param idle between two requests
 * @param write from the first byte of a response to its last
 * @param ping between two pings on a watch stream
 * @param stuck how long a watch stream may refuse bytes
 */
public record Timing(
    Duration handshake,
    Duration request,
    Duration idle,
    Duration write,
    Duration ping,
    Duration stuck) {

  /** What docs/protocol.md promises. */
  public static final Timing DEFAULT =
      new Timing(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          Duration.ofSeconds(15));
}
