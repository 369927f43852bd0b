package dev.weft.benchmarks.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processor time of a JVM so far, from {@code /proc}: of its threads, by what they do. Threads
 * that have ended do not count. Immutable.
 *
 * @param nanos by group of threads
 */
record ProcessorTime(Map<String, Long> nanos) {

  static ProcessorTime of(long pid) throws IOException {
    Map<String, Long> nanos = new TreeMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks.toList()) {
        try {
          String group = group(Files.readString(task.resolve("comm")).strip());
          String schedstat = Files.readString(task.resolve("schedstat"));
          // The first of three fields: time on a processor.
          long run = Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
          nanos.merge(group, run, Long::sum);
        } catch (IOException ended) {
          // between the listing and now
        }
      }
    }
    return new ProcessorTime(nanos);
  }

  /** {@code C2 CompilerThread0}, of which the kernel keeps 15 characters, is the JIT. */
  static String group(String thread) {
    if (thread.startsWith("C1 Compiler") || thread.startsWith("C2 Compiler")) {
      return "JIT";
    }
    if (thread.startsWith("GC ") || thread.startsWith("G1 ")) {
      return "GC";
    }
    if (thread.startsWith("weft-")) {
      return thread.replaceAll("(-[0-9]+)+$", "");
    }
    return "other";
  }

  ProcessorTime since(ProcessorTime before) {
    Map<String, Long> spent = new TreeMap<>();
    nanos.forEach((group, now) -> spent.put(group, now - before.nanos.getOrDefault(group, 0L)));
    return new ProcessorTime(spent);
  }

  double seconds() {
    return nanos.values().stream().mapToLong(Long::longValue).sum() / 1e9;
  }

  /** The groups that took at least a twentieth, the largest first. */
  String shares() {
    double all = seconds();
    return nanos.entrySet().stream()
        .filter(group -> group.getValue() / 1e9 >= all / 20)
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(
            group ->
                group.getKey() + " " + String.format(Locale.ROOT, "%.2f s", group.getValue() / 1e9))
        .collect(Collectors.joining(", "));
  }
}
