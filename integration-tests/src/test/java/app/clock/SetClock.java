package app.clock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The time of day of this JVM, which a file sets: it holds by how many milliseconds the clock is
 * off. Lies in the bootstrap loader, so that every class finds it.
 */
public final class SetClock {
  private static final long LOOK_MILLIS = 20;
  private static volatile long offMillis;

  private SetClock() {}

  /** Looks into the file for as long as the JVM lives. */
  static void follow(Path file) {
    Thread thread =
        new Thread(
            () -> {
              while (true) {
                look(file);
              }
            },
            "set-clock");
    thread.setDaemon(true);
    thread.start();
  }

  private static void look(Path file) {
    try {
      String text = Files.exists(file) ? Files.readString(file).trim() : "";
      if (!text.isEmpty()) {
        offMillis = Long.parseLong(text);
      }
      Thread.sleep(LOOK_MILLIS);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("the clock cannot be set by " + file, e);
    }
  }

  /** In place of {@link System#currentTimeMillis}. */
  public static long currentTimeMillis() {
    return System.currentTimeMillis() + offMillis;
  }

  /**
   * In place of {@code jdk.internal.misc.VM.getNanoTimeAdjustment}, by which {@code java.time} asks
   * how many nanoseconds it is after the given second.
   */
  public static long getNanoTimeAdjustment(long second) {
    return (currentTimeMillis() - second * 1000) * 1_000_000;
  }
}
