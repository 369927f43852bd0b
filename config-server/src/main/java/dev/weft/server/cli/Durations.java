package dev.weft.server.cli;

import dev.weft.server.protocol.Lifetime;
import java.time.Duration;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them, both ways. Stateless. */
final class Durations {
  private Durations() {}

  /** Reads {@code 24h}, {@code 1h30m}, {@code 7d}, {@code 500ms}. */
  static Duration parse(String text) {
    try {
      return Lifetime.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  /** The two largest units: {@code 23h 59m}. */
  static String text(long seconds) {
    if (seconds < 0) {
      return "expired";
    }
    Duration left = Duration.ofSeconds(seconds);
    if (left.toDays() > 0) {
      return left.toDays() + "d " + left.toHoursPart() + "h";
    }
    if (left.toHours() > 0) {
      return left.toHours() + "h " + left.toMinutesPart() + "m";
    }
    return left.toMinutes() > 0
        ? left.toMinutes() + "m " + left.toSecondsPart() + "s"
        : left.toSeconds() + "s";
  }
}
