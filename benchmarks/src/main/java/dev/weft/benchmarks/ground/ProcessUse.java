package dev.weft.benchmarks.ground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The processor time that a process had so far, from {@code /proc}. Immutable.
 *
 * <p>A process's utime and stime count in ticks of 10 ms, too coarse for a window of two seconds.
 * The kernel derives them from the run time of each thread, which it tells in nanoseconds; so that
 * is what we sum. The JVM's compiler threads are left out: what they do late is not a property of
 * the variant but of how long it was warmed up.
 *
 * @param threads nanoseconds, by thread
 */
public record ProcessUse(Map<String, Long> threads) {

  public static ProcessUse of(long pid) throws IOException {
    Map<String, Long> threads = new HashMap<>();
    ThreadTimes.of(
        pid,
        (id, name, nanos) -> {
          if (!ThreadTimes.isCompiler(name)) {
            threads.put(id, nanos);
          }
        });
    return new ProcessUse(threads);
  }

  /** Seconds of processor time between the two; a thread that ended meanwhile was idle before. */
  public static double seconds(ProcessUse before, ProcessUse after) {
    long nanos = 0;
    for (Map.Entry<String, Long> thread : after.threads.entrySet()) {
      nanos += thread.getValue() - before.threads.getOrDefault(thread.getKey(), 0L);
    }
    return nanos / 1e9;
  }

  /** The memory a process really takes, shared pages by its share, in bytes. */
  public static long proportionalSetSize(long pid) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup"));
    for (String line : lines) {
      if (line.startsWith("Pss:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("no Pss in smaps_rollup");
  }
}
