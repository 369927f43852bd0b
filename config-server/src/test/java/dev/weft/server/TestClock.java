package dev.weft.server;

import dev.weft.server.time.ServerClock;
import java.time.Duration;
import java.time.Instant;

/** The real time, moved by hand. */
public final class TestClock implements ServerClock {
  private volatile Duration passed = Duration.ZERO;
  private volatile Duration set = Duration.ZERO;

  /** Lets time pass. */
  public void advance(Duration by) {
    passed = passed.plus(by);
  }

  /** Sets the time of day, and no other. */
  public void jump(Duration by) {
    set = set.plus(by);
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(passed).plus(set);
  }

  @Override
  public long nanos() {
    return System.nanoTime() + passed.toNanos();
  }
}
