package dev.weft.server.protocol;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them. Stateless. */
public final class Lifetime {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|[dhms])");

  private Lifetime() {}

  /**
   * Reads {@code 24h}, {@code 1h30m}, {@code 7d}, {@code 500ms}.
   *
   * @throws IllegalArgumentException with a sentence for people
   */
  public static Duration parse(String text) {
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
      throw new IllegalArgumentException(
          "expected a duration such as 24h, 30m or 1h30m, found \"" + text + "\"");
    }
    return sum;
  }
}
