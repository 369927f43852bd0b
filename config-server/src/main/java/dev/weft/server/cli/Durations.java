package dev.weft.server.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them, both ways. Stateless. */
final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|[dhms])");

  private Durations() {}

  /** Reads {@code 24h}, {@code 1h30m}, {@code 7d}, {@code 500ms}. */
  static Duration parse(String text) {
    Matcher part = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      long amount = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "d" -> Duration.ofDays(amount);
                case "h" -> Duration.ofHours(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "s" -> Duration.ofSeconds(amount);
                default -> Duration.ofMillis(amount);
              });
      end = part.end();
    }
    if (end != text.length() || sum.isZero()) {
      throw new TypeConversionException(
          "expected a duration such as 24h, 30m or 1h30m, found \"" + text + "\"");
    }
    return sum;
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
