package dev.weft.server.demo;

import java.io.IOException;
import java.time.Duration;

/** Looks again and again. */
final class Wait {
  private static final long PAUSE_MILLIS = 25;

  private Wait() {}

  /** A look that may fail as calls do. */
  interface Look<T> {
    T look() throws IOException, InterruptedException;
  }

  /** A judgement on what was seen. */
  interface Wish<T> {
    boolean granted(T seen);
  }

  /** Looks until the wish is granted or the time is up; returns what was seen last. */
  static <T> T until(Duration patience, Look<T> look, Wish<T> wish)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    T seen = look.look();
    while (!wish.granted(seen) && System.nanoTime() < deadline) {
      Thread.sleep(PAUSE_MILLIS);
      seen = look.look();
    }
    return seen;
  }
}
