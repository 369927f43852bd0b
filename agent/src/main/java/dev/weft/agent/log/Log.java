package dev.weft.agent.log;

import dev.weft.agent.config.Settings.LogLevel;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One line per event, stable words first: {@code 2026-11-22T15:31:04.123Z weft INFO policy applied
 * version=42}. Writes nothing anywhere but to its stream; uses no logging framework. Thread-safe.
 */
public final class Log {
  private static final int MAX_KEYS = 1024;

  private final LogLevel level;
  private final PrintStream out;
  private final InstantSource clock;

  /** By key; guarded by itself. */
  private final Map<String, Repetition> repetitions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Repetition> eldest) {
          return size() > MAX_KEYS;
        }
      };

  /** When a line with this key was last printed, and how many were held back since. */
  private record Repetition(Instant printed, int heldBack) {}

  /** Writes to {@code out}, which is never stdout. */
  public Log(LogLevel level, PrintStream out) {
    this(level, out, InstantSource.system());
  }

  /** For tests: a clock of their own. */
  public Log(LogLevel level, PrintStream out, InstantSource clock) {
    this.level = level;
    this.out = out;
    this.clock = clock;
  }

  /** Appends to the file, else writes to stderr; a file that cannot be opened is said there. */
  public static Log open(LogLevel level, Optional<Path> file) {
    if (file.isPresent()) {
      try {
        FileOutputStream stream = new FileOutputStream(file.get().toString(), true);
        return new Log(level, new PrintStream(stream, true, StandardCharsets.UTF_8));
      } catch (FileNotFoundException e) {
        Log log = new Log(level, System.err);
        log.warn("weft.log.file cannot be opened, logging to stderr: " + e.getMessage());
        return log;
      }
    }
    return new Log(level, System.err);
  }

  /** Something is broken and will stay so without help. */
  public void error(String message) {
    print(LogLevel.ERROR, message);
  }

  /** Something is wrong that may pass. */
  public void warn(String message) {
    print(LogLevel.WARN, message);
  }

  /** A change of state. */
  public void info(String message) {
    print(LogLevel.INFO, message);
  }

  /** Details, also per request. */
  public void debug(String message) {
    print(LogLevel.DEBUG, message);
  }

  /** Whether {@link #debug} prints: build costly messages only then. */
  public boolean debugs() {
    return level == LogLevel.DEBUG;
  }

  /**
   * Prints at most one line per key in {@code every}; the next one says how many were held back.
   *
   * @param key what counts as the same event; few and stable, never a request's own data
   */
  public void repeated(LogLevel at, String key, Duration every, String message) {
    if (at.compareTo(level) > 0) {
      return;
    }
    int heldBack;
    synchronized (repetitions) {
      Instant now = clock.instant();
      Repetition last = repetitions.get(key);
      if (last != null && now.isBefore(last.printed().plus(every))) {
        repetitions.put(key, new Repetition(last.printed(), last.heldBack() + 1));
        return;
      }
      heldBack = last == null ? 0 : last.heldBack();
      repetitions.put(key, new Repetition(now, 0));
    }
    print(at, heldBack == 0 ? message : message + " (and " + heldBack + " times before)");
  }

  /** A line that has a format of its own, whatever the level. */
  public void line(String text) {
    out.println(text.indexOf('\n') < 0 ? text : text.replaceAll("\\R+", " | "));
  }

  private void print(LogLevel at, String message) {
    if (at.compareTo(level) <= 0) {
      String line = message.indexOf('\n') < 0 ? message : message.replaceAll("\\R+", " | ");
      out.println(timestamp(clock.instant()) + " weft " + at + " " + line);
    }
  }

  /** By hand: java.time's formatters cost tens of milliseconds at the first use. */
  private static String timestamp(Instant now) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(now.getEpochSecond(), now.getNano(), ZoneOffset.UTC);
    StringBuilder text = new StringBuilder(24);
    digits(text, time.getYear(), 4).append('-');
    digits(text, time.getMonthValue(), 2).append('-');
    digits(text, time.getDayOfMonth(), 2).append('T');
    digits(text, time.getHour(), 2).append(':');
    digits(text, time.getMinute(), 2).append(':');
    digits(text, time.getSecond(), 2).append('.');
    return digits(text, time.getNano() / 1_000_000, 3).append('Z').toString();
  }

  private static StringBuilder digits(StringBuilder text, int value, int width) {
    String digits = Integer.toString(value);
    for (int i = digits.length(); i < width; i++) {
      text.append('0');
    }
    return text.append(digits);
  }
}
