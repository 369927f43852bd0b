package dev.weft.policy.tree;

import java.time.Duration;
import java.util.Locale;

/** Durations as people write them. Stateless. */
public final class DurationText {
  private static final long SECOND = 1000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;

  private DurationText() {}

  /** {@code 250ms}, {@code 1.5s}, {@code 2m}. */
  public static String of(Duration duration) {
    long millis = duration.toMillis();
    if (millis >= HOUR && millis % HOUR == 0) {
      return millis / HOUR + "h";
    }
    if (millis >= MINUTE && millis % MINUTE == 0) {
      return millis / MINUTE + "m";
    }
    if (millis >= SECOND) {
      return millis % SECOND == 0
          ? millis / SECOND + "s"
          : String.format(Locale.ROOT, "%.1fs", (double) millis / SECOND);
    }
    return millis + "ms";
  }
}
