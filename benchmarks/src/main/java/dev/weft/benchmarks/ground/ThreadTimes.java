package dev.weft.benchmarks.ground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The processor time of each thread of a process so far, from {@code /proc}. Stateless. */
public final class ThreadTimes {
  private ThreadTimes() {}

  /** Takes one thread in. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Called for each thread that is there.
     *
     * @param id of the thread
     * @param name the first 15 characters, which the kernel keeps
     * @param nanos on a processor
     */
    void thread(String id, String name, long nanos);
  }

  /** Reads all threads of a process. */
  public static void of(long pid, Reader reader) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks.toList()) {
        try {
          String name = Files.readString(task.resolve("comm")).strip();
          long nanos = runTime(Files.readString(task.resolve("schedstat")));
          reader.thread(task.getFileName().toString(), name, nanos);
        } catch (IOException ended) {
          // Between the listing and now; while it was read: ESRCH, which has no type of its own.
        }
      }
    }
  }

  /** {@code C2 CompilerThread0}, of which the kernel keeps 15 characters. */
  public static boolean isCompiler(String name) {
    return name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler");
  }

  /** The first of three fields: nanoseconds on a processor. */
  public static long runTime(String schedstat) {
    return Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
  }
}
