package dev.weft.benchmarks.wire;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A profile by Linux's perf, where it is installed: unlike a flight recording it sees the kernel,
 * native code and the JVM's own stubs, and it samples by processor time. Used by one thread.
 */
final class Perf implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/perf");
  private static final int TOP = 25;

  private final List<Long> jvms;
  private final Path data;
  private final Process recorder;

  private Perf(List<Long> jvms, Path data, Process recorder) {
    this.jvms = jvms;
    this.data = data;
    this.recorder = recorder;
  }

  static boolean installed() {
    return Files.isExecutable(PROGRAM);
  }

  /** Samples these processes for that long, beside whatever they do. */
  static Perf record(List<Long> jvms, Path data, double seconds) throws IOException {
    Process recorder =
        new ProcessBuilder(
                PROGRAM.toString(),
                "record",
                "-e",
                "cpu-clock",
                "-F",
                "499",
                "-o",
                data.toString(),
                "-p",
                jvms.stream().map(String::valueOf).collect(Collectors.joining(",")),
                "--",
                "sleep",
                Double.toString(seconds))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new Perf(jvms, data, recorder);
  }

  /**
   * Prints the symbols with the most samples.
   *
   * @param jcmd tells the names of compiled methods, as long as the JVMs live
   */
  void print(Path jcmd, PrintStream out) throws IOException {
    await(recorder);
    for (long jvm : jvms) {
      lines(List.of(jcmd.toString(), Long.toString(jvm), "Compiler.perfmap"));
    }
    out.println("by perf, client and server together: share, where, symbol");
    int printed = 0;
    for (String line :
        lines(
            List.of(
                PROGRAM.toString(),
                "report",
                "--stdio",
                "-i",
                data.toString(),
                "--sort",
                "dso,symbol"))) {
      if (!line.isBlank() && !line.startsWith("#") && printed++ < TOP) {
        out.println("  " + line.strip());
      }
    }
    for (long jvm : jvms) {
      Files.deleteIfExists(Path.of("/tmp", "perf-" + jvm + ".map"));
    }
  }

  private static List<String> lines(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> lines = new ArrayList<>();
    try (var in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = in.readLine()) != null; ) {
        lines.add(line);
      }
    }
    await(process);
    return lines;
  }

  private static void await(Process process) throws IOException {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    recorder.destroy();
  }
}
