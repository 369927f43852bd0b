package dev.weft.server.log;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * One line per event, stable words first: {@code policy applied documents=4 agents=2}. What peers
 * sent is cleaned of control characters, so that nobody can forge a line. Thread-safe.
 */
public final class Log {
  private final Consumer<String> lines;
  private final LogFormat format;
  private final InstantSource clock;

  private Log(Consumer<String> lines, LogFormat format, InstantSource clock) {
    this.lines = lines;
    this.format = format;
    this.clock = clock;
  }

  /** Writes to a stream, which is never stdout. */
  public static Log to(PrintStream out, LogFormat format) {
    return new Log(out::println, format, InstantSource.system());
  }

  /** Writes text to a stream, which is never stdout. */
  public static Log to(PrintStream out) {
    return to(out, LogFormat.TEXT);
  }

  /** Hands every line over, for tests. */
  public static Log to(Consumer<String> lines) {
    return to(lines, LogFormat.TEXT);
  }

  /** Hands every line over, for tests. */
  public static Log to(Consumer<String> lines, LogFormat format) {
    return new Log(lines, format, InstantSource.system());
  }

  /** Something is broken and will stay so without help. */
  public void error(String message) {
    print("ERROR", message);
  }

  /** Something is wrong that may pass. */
  public void warn(String message) {
    print("WARN", message);
  }

  /** A change of state. */
  public void info(String message) {
    print("INFO", message);
  }

  private void print(String level, String message) {
    StringBuilder clean = new StringBuilder();
    message.codePoints().forEach(c -> clean.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    lines.accept(format.line(clock.instant(), level, clean.toString()));
  }
}
