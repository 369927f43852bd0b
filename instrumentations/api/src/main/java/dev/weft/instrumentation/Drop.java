package dev.weft.instrumentation;

import java.time.Duration;

/**
 * Drop what has come of an attempt and do nothing: another attempt of the request is under way, or
 * was answered first. Only adapters that ask for a {@linkplain ClientExchange#hedge second attempt}
 * ever get it.
 */
public enum Drop implements Step {
  /** The only one. */
  INSTANCE;

  @Override
  public Duration pause() {
    return Duration.ZERO;
  }
}
