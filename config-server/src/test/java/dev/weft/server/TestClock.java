package dev.weft.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The real time, moved forward by hand. */
public final class TestClock implements InstantSource {
  private volatile Duration ahead = Duration.ZERO;

  /** Moves it. */
  public void advance(Duration by) {
    ahead = ahead.plus(by);
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(ahead);
  }
}
