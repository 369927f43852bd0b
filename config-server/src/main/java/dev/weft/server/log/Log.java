package dev.weft.server.log;

import java.io.PrintStream;
import java.util.function.Consumer;

/**
 * One line per event, stable words first: {@code policy applied documents=4 agents=2}. What peers
 * sent is cleaned of control characters, so that nobody can forge a line. Thread-safe.
 */
public final class Log {
  private final Consumer<String> lines;

  private Log(Consumer<String> lines) {
    this.lines = lines;
  }

  /** Writes to a stream, which is never stdout. */
  public static Log to(PrintStream out) {
    return new Log(out::println);
  }

  /** Hands every line over, for tests. */
  public static Log to(Consumer<String> lines) {
    return new Log(lines);
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
    StringBuilder line = new StringBuilder("weft ").append(level).append(' ');
    message.codePoints().forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    lines.accept(line.toString());
  }
}
