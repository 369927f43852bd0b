package dev.weft.policy.document;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as in Gateway API: {@code 500ms}, {@code 1h30m}; and {@code 0.5s}, which people write.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-2257/">GEP-2257</a>
 */
final class Durations {
  private static final Pattern PARTS = Pattern.compile("([0-9]{1,5}(?:h|ms|m|s)){1,4}");
  private static final Pattern PART = Pattern.compile("([0-9]{1,5})(h|ms|m|s)");
  private static final Pattern SECONDS = Pattern.compile("([0-9]{1,5})\\.([0-9]{1,3})s");

  private Durations() {}

  /** A field's duration; empty when it is absent, and, with a problem, when it is none. */
  static Optional<Duration> read(Fields fields, String name) {
    Optional<String> text = fields.text(name);
    Optional<Duration> duration = text.flatMap(Durations::parse);
    if (text.isPresent() && duration.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE,
          name,
          "expected a duration such as 250ms or 1m30s, found \"" + text.get() + "\"");
    }
    return duration;
  }

  /** A field's duration; empty, and a problem, when it is none or out of bounds. */
  static Optional<Duration> read(Fields fields, String name, Duration least, Duration most) {
    Optional<String> text = fields.text(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Duration> duration =
        parse(text.get())
            .filter(one -> one.compareTo(least) >= 0)
            .filter(one -> one.compareTo(most) <= 0);
    if (duration.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE,
          name,
          "expected a duration such as 250ms or 1m30s, "
              + shown(least)
              + " to "
              + shown(most)
              + ", found \""
              + text.get()
              + "\"");
    }
    return duration;
  }

  /** {@code 1h}, {@code 250ms}: as it would be written. */
  static String shown(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0 && millis > 0) {
      return millis / 3_600_000 + "h";
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  /** Empty when the text is no duration. */
  static Optional<Duration> parse(String text) {
    Matcher seconds = SECONDS.matcher(text);
    if (seconds.matches()) {
      String millis = (seconds.group(2) + "00").substring(0, 3);
      return Optional.of(
          Duration.ofSeconds(Long.parseLong(seconds.group(1))).plusMillis(Long.parseLong(millis)));
    }
    if (!PARTS.matcher(text).matches()) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long number = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "h" -> Duration.ofHours(number);
                case "m" -> Duration.ofMinutes(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMillis(number);
              });
    }
    return Optional.of(sum);
  }
}
