package dev.weft.benchmarks.scale;

import dev.weft.benchmarks.ground.ThreadTimes;
import java.io.IOException;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The processor time of a JVM so far, from {@code /proc}: of its threads, by what they do. Threads
 * that have ended do not count. Immutable.
 *
 * @param nanos by group of threads
 */
record ProcessorTime(Map<String, Long> nanos) {

  static ProcessorTime of(long pid) throws IOException {
    Map<String, Long> nanos = new TreeMap<>();
    ThreadTimes.of(pid, (id, name, run) -> nanos.merge(group(name), run, Long::sum));
    return new ProcessorTime(nanos);
  }

  /** What a thread does, by its name. */
  static String group(String thread) {
    if (ThreadTimes.isCompiler(thread)) {
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
