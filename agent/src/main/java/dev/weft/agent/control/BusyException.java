package dev.weft.agent.control;

import java.io.IOException;
import java.time.Duration;

/** The server has too much to do and says when to come back. */
final class BusyException extends IOException {
  private static final long serialVersionUID = 1;

  private final Duration retryAfter;

  BusyException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** How long to wait at least. */
  Duration retryAfter() {
    return retryAfter;
  }
}
