package dev.weft.agent.traffic;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A monotonic clock that stands still until it is told otherwise. */
final class Clock implements LongSupplier {
  private long now = 1_000_000_000_000L;

  void pass(Duration time) {
    now += time.toNanos();
  }

  @Override
  public long getAsLong() {
    return now;
  }
}
