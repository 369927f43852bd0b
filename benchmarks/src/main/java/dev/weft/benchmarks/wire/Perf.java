package dev.weft.benchmarks.wire;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
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
    List<String> report =
        lines(
            List.of(
                PROGRAM.toString(),
                "report",
                "--stdio",
                "-i",
                data.toString(),
                "-t",
                "|",
                "--sort",
                "dso,symbol"));
    out.println("by perf, client and server together");
    shares(report, Perf::place).forEach(out::println);
    shares(report, symbol -> symbol).forEach(out::println);
    for (long jvm : jvms) {
      Files.deleteIfExists(Path.of("/tmp", "perf-" + jvm + ".map"));
    }
  }

  /**
   * Sums up perf's lines, {@code share|library|[k] symbol}: a method counts once, however often it
   * was compiled in whichever JVM.
   *
   * @param group what of {@code place symbol} to sum by
   * @return the largest sums, one line each
   */
  static List<String> shares(List<String> report, UnaryOperator<String> group) {
    Map<String, Double> sums = new HashMap<>();
    for (String line : report) {
      String[] fields = line.split("\\|", 3);
      if (!line.startsWith("#") && fields.length == 3) {
        String name = readable(fields[1].strip(), fields[2].strip());
        sums.merge(
            group.apply(name), Double.parseDouble(fields[0].replace("%", "").strip()), Double::sum);
      }
    }
    return sums.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(TOP)
        .map(sum -> String.format(Locale.ROOT, "  %5.1f %%  %s", sum.getValue(), sum.getKey()))
        .toList();
  }

  /** The kernel, compiled code, or a library; then the symbol without types and arguments. */
  private static String readable(String library, String symbol) {
    String place =
        library.startsWith("[kernel") ? "kernel" : library.startsWith("[JIT]") ? "java" : library;
    String name = symbol.replaceFirst("^\\[.\\] ", "");
    int arguments = name.indexOf('(');
    if (place.equals("java") && arguments > 0 && !name.startsWith("Stub")) {
      name = name.substring(0, arguments);
      name = name.substring(name.lastIndexOf(' ') + 1);
    }
    return place + " " + name;
  }

  private static String place(String name) {
    return name.substring(0, name.indexOf(' '));
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
