package dev.weft.bootstrap;

import org.jspecify.annotations.Nullable;

/**
 * What the agent does at the end of the JVM before the application does anything: the JDK starts
 * all shutdown hooks at once, and one of the application's may close its server. Thread-safe.
 */
public final class Farewell {
  private static volatile @Nullable Runnable work;

  private Farewell() {}

  /** Has {@code work} run at an orderly end; the JVM waits for it. */
  public static void install(Runnable work) {
    Farewell.work = work;
  }

  /** Woven code is about to start the shutdown hooks. Never throws: the JVM ends all the same. */
  public static void say() {
    Runnable now = work;
    if (now != null) {
      try {
        now.run();
      } catch (Throwable e) {
        // nobody is left who could do something about it
      }
    }
  }
}
