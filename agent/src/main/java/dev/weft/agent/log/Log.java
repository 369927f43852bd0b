package dev.weft.agent.log;

import dev.weft.agent.config.Settings.LogLevel;
import java.io.PrintStream;

/** One line per event, stable words first: {@code weft policy applied version=42}. Thread-safe. */
public final class Log {
  private final LogLevel level;
  private final PrintStream out;

  /** Writes to {@code out}, which is never stdout. */
  public Log(LogLevel level, PrintStream out) {
    this.level = level;
    this.out = out;
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

  private void print(LogLevel at, String message) {
    if (at.compareTo(level) <= 0) {
      out.println("weft " + at + " " + message);
    }
  }
}
