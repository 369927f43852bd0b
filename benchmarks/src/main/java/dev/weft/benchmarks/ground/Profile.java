package dev.weft.benchmarks.ground;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Where a JVM spent its time, from a flight recording: a sampling profile of Java code. What the
 * kernel did appears as the native method that called it; time that threads wait is left out.
 */
public final class Profile {
  private static final int TOP = 20;
  private static final int TOP_ALLOCATED = 10;

  /** Packages whose share of all samples is told, wherever in the stack they are. */
  private static final List<String> LAYERS =
      List.of(
          "dev.weft.agent.wire",
          "dev.weft.agent",
          "dev.weft.bootstrap",
          "javax.net.ssl",
          "sun.security.ssl",
          "com.sun.crypto.provider",
          "sun.security.ec",
          "sun.security.x509",
          "sun.nio.ch",
          "io.netty.handler.ssl",
          "io.netty.handler.codec",
          "org.apache");

  /** Native methods that mostly wait. */
  private static final Set<String> WAITING =
      Set.of(
          "wait", "accept", "poll", "park", "accept0", "readBytes0", "readBytes", "socketAccept");

  private final Map<String, Integer> self = new HashMap<>();
  private final Map<String, Integer> nativeSelf = new HashMap<>();
  private final Map<String, Integer> layers = new HashMap<>();
  private final Map<String, Long> allocated = new HashMap<>();
  private final Map<String, Long> allocatedForUs = new HashMap<>();
  private int samples;
  private int nativeSamples;

  /** Reads a recording. */
  public static Profile of(Path recording) throws IOException {
    Profile profile = new Profile();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        profile.add(file.readEvent());
      }
    }
    return profile;
  }

  private void add(RecordedEvent event) {
    switch (event.getEventType().getName()) {
      case "jdk.ExecutionSample" -> addSample(event);
      case "jdk.NativeMethodSample" -> addNativeSample(event);
      case "jdk.ObjectAllocationSample" -> {
        RecordedClass type = event.getClass("objectClass");
        long weight = event.getLong("weight");
        RecordedStackTrace trace = event.getStackTrace();
        allocated.merge(
            type.getName() + " in " + first(trace, name -> !name.startsWith("java.")),
            weight,
            Long::sum);
        allocatedForUs.merge(first(trace, Profile::ours), weight, Long::sum);
      }
      default -> {}
    }
  }

  private void addSample(RecordedEvent event) {
    RecordedStackTrace trace = event.getStackTrace();
    if (trace == null || trace.getFrames().isEmpty()) {
      return;
    }
    samples++;
    self.merge(name(trace.getFrames().get(0)), 1, Integer::sum);
    Set<String> seen = new HashSet<>();
    for (RecordedFrame frame : trace.getFrames()) {
      for (String layer : LAYERS) {
        if (frame.getMethod().getType().getName().startsWith(layer) && seen.add(layer)) {
          layers.merge(layer, 1, Integer::sum);
        }
      }
    }
  }

  private void addNativeSample(RecordedEvent event) {
    RecordedStackTrace trace = event.getStackTrace();
    if (trace == null || trace.getFrames().isEmpty()) {
      return;
    }
    RecordedMethod method = trace.getFrames().get(0).getMethod();
    if (!WAITING.contains(method.getName())) {
      nativeSamples++;
      nativeSelf.merge(name(trace.getFrames().get(0)), 1, Integer::sum);
    }
  }

  private static boolean ours(String type) {
    return type.startsWith("dev.weft") && !type.startsWith("dev.weft.benchmarks");
  }

  /** The innermost method of such a type. */
  private static String first(@Nullable RecordedStackTrace trace, Predicate<String> type) {
    if (trace != null) {
      for (RecordedFrame frame : trace.getFrames()) {
        if (type.test(frame.getMethod().getType().getName())) {
          return name(frame);
        }
      }
    }
    return "others";
  }

  private static String name(RecordedFrame frame) {
    RecordedMethod method = frame.getMethod();
    return method.getType().getName() + "." + method.getName();
  }

  /** The most of each, one line each. */
  public void print(String title, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%s: %d samples in Java, %d in native methods%n",
        title,
        samples,
        nativeSamples);
    out.println("  layers, wherever they are in the stack");
    shares(layers, samples, LAYERS.size(), out);
    out.println("  own time of Java methods");
    shares(self, samples, TOP, out);
    out.println("  native methods");
    shares(nativeSelf, nativeSamples, TOP_ALLOCATED, out);
    out.println("  allocated bytes");
    long all = allocated.values().stream().mapToLong(Long::longValue).sum();
    shares(allocated, all, TOP_ALLOCATED, out);
    out.println("  allocated bytes, by our innermost method");
    shares(allocatedForUs, all, TOP, out);
  }

  private static <N extends Number> void shares(
      Map<String, N> counts, long all, int top, PrintStream out) {
    List<Map.Entry<String, N>> sorted = new ArrayList<>(counts.entrySet());
    sorted.sort((a, b) -> Long.compare(b.getValue().longValue(), a.getValue().longValue()));
    for (Map.Entry<String, N> entry : sorted.subList(0, Math.min(top, sorted.size()))) {
      out.printf(
          Locale.ROOT,
          "  %5.1f %%  %s%n",
          100.0 * entry.getValue().longValue() / Math.max(1, all),
          entry.getKey());
    }
  }
}
