package dev.weft.agent.jul;

import dev.weft.agent.log.Log;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** See the package; writes to the agent's log, everything below WARNING at debug. Thread-safe. */
public final class Logger {
  private static volatile @Nullable Log log;

  private final String name;

  private Logger(String name) {
    this.name = name;
  }

  /** Where all loggers write from now on. */
  public static void install(Log log) {
    Logger.log = log;
  }

  /** As in {@code java.util.logging.Logger}. */
  public static Logger getLogger(String name) {
    return new Logger(name);
  }

  /** As in {@code java.util.logging.Logger}. */
  public String getName() {
    return name;
  }

  /** As in {@code java.util.logging.Logger}. */
  public Level getLevel() {
    Log sink = log;
    return sink != null && sink.debugs() ? Level.ALL : Level.WARNING;
  }

  /** As in {@code java.util.logging.Logger}. */
  public boolean isLoggable(Level level) {
    return log != null && level.intValue() >= getLevel().intValue();
  }

  /** As in {@code java.util.logging.Logger}. */
  public void log(Level level, String message) {
    log(level, message, (Throwable) null);
  }

  /** As in {@code java.util.logging.Logger}, without formatting. */
  public void log(Level level, String message, @Nullable Object parameter) {
    log(level, message + " " + parameter, (Throwable) null);
  }

  /** As in {@code java.util.logging.Logger}, without formatting. */
  public void log(Level level, String message, Object[] parameters) {
    log(level, message + " " + java.util.Arrays.toString(parameters), (Throwable) null);
  }

  /** As in {@code java.util.logging.Logger}. */
  public void log(Level level, Supplier<String> message) {
    if (isLoggable(level)) {
      log(level, message.get(), (Throwable) null);
    }
  }

  /** As in {@code java.util.logging.Logger}. */
  public void log(Level level, Throwable thrown, Supplier<String> message) {
    if (isLoggable(level)) {
      log(level, message.get(), thrown);
    }
  }

  /** As in {@code java.util.logging.Logger}. */
  public void log(Level level, String message, @Nullable Throwable thrown) {
    Log sink = log;
    if (sink == null || !isLoggable(level)) {
      return;
    }
    String line = "library logger=" + name + " " + message + (thrown == null ? "" : ": " + thrown);
    if (level.intValue() >= Level.WARNING.intValue()) {
      sink.warn(line);
    } else {
      sink.debug(line);
    }
  }

  /** As in {@code java.util.logging.Logger}. */
  public void severe(String message) {
    log(Level.SEVERE, message);
  }

  /** As in {@code java.util.logging.Logger}. */
  public void warning(String message) {
    log(Level.WARNING, message);
  }

  /** As in {@code java.util.logging.Logger}. */
  public void info(String message) {
    log(Level.INFO, message);
  }

  /** As in {@code java.util.logging.Logger}. */
  public void config(String message) {
    log(Level.CONFIG, message);
  }

  /** As in {@code java.util.logging.Logger}. */
  public void fine(String message) {
    log(Level.FINE, message);
  }

  /** As in {@code java.util.logging.Logger}. */
  public void finer(String message) {
    log(Level.FINER, message);
  }

  /** As in {@code java.util.logging.Logger}. */
  public void finest(String message) {
    log(Level.FINEST, message);
  }
}
