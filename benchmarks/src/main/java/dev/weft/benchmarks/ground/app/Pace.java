package dev.weft.benchmarks.ground.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Waiting for a point in time, without burning one of the machine's few cores. */
public final class Pace {
  private Pace() {}

  /**
   * Lets the kernel wake this thread when it asked to be woken, not up to 50 us later. Best effort:
   * every variant is paced alike.
   */
  public static void wakeThisThreadPunctually() {
    try {
      // /proc/self/task/TID has no such file, but /proc/TID has.
      Path thread = Path.of("/proc/thread-self").toRealPath();
      Files.writeString(Path.of("/proc", thread.getFileName().toString(), "timerslack_ns"), "1");
    } catch (IOException e) {
      System.err.println("timer slack stays: " + e);
    }
  }

  /**
   * Parks until {@code System.nanoTime()} is there. Being late is part of the latency that is
   * recorded: it counts from when the request was due.
   */
  public static void until(long nanoTime) {
    for (long left; (left = nanoTime - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
  }
}
