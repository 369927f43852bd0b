package dev.weft.benchmarks.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The processor time that a process had so far, from {@code /proc}. Immutable.
 *
 * <p>utime and stime count in ticks of 10 ms, too coarse for a window of two seconds. The kernel
 * splits them from the run time of each thread, which it also tells in nanoseconds; so that is what
 * we sum, and ticks serve where threads ended within the window.
 *
 * @param ticks utime and stime
 * @param threads nanoseconds, by thread
 */
record ProcessUse(long ticks, Map<String, Long> threads) {
  private static final double SECONDS_PER_TICK = 0.01;

  /** More than this between the two sources: a thread has come and gone. */
  private static final double TOLERATED_SECONDS = 0.04;

  static ProcessUse of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    Map<String, Long> threads = new HashMap<>();
    try (Stream<Path> tasks = Files.list(process.resolve("task"))) {
      for (Path task : tasks.toList()) {
        try {
          String[] fields = Files.readString(task.resolve("schedstat")).split(" ", -1);
          threads.put(task.getFileName().toString(), Long.parseLong(fields[0]));
        } catch (NoSuchFileException ended) {
          // between the listing and now
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return new ProcessUse(ticks(Files.readString(process.resolve("stat"))), threads);
  }

  /** The 14th and 15th field; the second one, the name, may contain blanks and parentheses. */
  static long ticks(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /** Seconds of processor time between the two. */
  static double seconds(ProcessUse before, ProcessUse after) {
    double byTicks = (after.ticks - before.ticks) * SECONDS_PER_TICK;
    if (!after.threads.keySet().containsAll(before.threads.keySet())) {
      return byTicks;
    }
    long nanos = 0;
    for (Map.Entry<String, Long> thread : after.threads.entrySet()) {
      nanos += thread.getValue() - before.threads.getOrDefault(thread.getKey(), 0L);
    }
    double byThreads = nanos / 1e9;
    return Math.abs(byThreads - byTicks) > TOLERATED_SECONDS ? byTicks : byThreads;
  }

  /** The memory a process really takes, shared pages by its share, in bytes. */
  static long proportionalSetSize(long pid) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
    for (String line : lines) {
      if (line.startsWith("Pss:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no Pss in smaps_rollup");
  }
}
