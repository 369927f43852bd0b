package dev.weft.benchmarks.wire;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures what security on the wire costs, and prints one table. See the README of the module. */
public final class WireBenchmark {
  private WireBenchmark() {}

  /** The command line; the system property {@code weft.agent} names the agent's jar. */
  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Options.USAGE);
      System.exit(2);
      return;
    }
    Path folder = Files.createTempDirectory("weft-wire");
    Path agent = Path.of(System.getProperty("weft.agent", "agent/target/weft-agent.jar"));
    Ground ground =
        Ground.prepare(
            options.jdk().resolve("bin").resolve("java"), agent.toAbsolutePath(), folder);
    System.err.println("logs are in " + folder);
    List<Results> all = new ArrayList<>();
    String loadBefore = load();
    for (Stack stack : options.stacks()) {
      if (options.profiled().isPresent()) {
        profile(ground, options, stack, options.profiled().get());
        continue;
      }
      Run run = new Run(ground, options, stack, System.err);
      Thread end = new Thread(run::close, "end");
      Runtime.getRuntime().addShutdownHook(end);
      try (run) {
        all.add(run.measure());
      }
      Runtime.getRuntime().removeShutdownHook(end);
    }
    if (options.profiled().isPresent()) {
      return;
    }
    print(options, all, System.out);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("load before", loadBefore);
    facts.put("load after", load());
    facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("kernel", System.getProperty("os.version"));
    facts.put("jdk", version(options.jdk()));
    facts.put("windows", options.rounds() + " rounds of " + options.seconds() + " s");
    facts.forEach((name, fact) -> System.out.println(name + ": " + fact));
    if (options.json().isPresent()) {
      Files.writeString(options.json().get(), RawFigures.json(facts, all));
    }
    if (busy(loadBefore)) {
      System.out.println(
          "The machine was busy with something else: believe the ratios of processor time, and"
              + " nothing about latency.");
    }
  }

  /** Whether others kept more than half of the processors busy when we began. */
  private static boolean busy(String load) {
    double lastMinute = Double.parseDouble(load.substring(0, load.indexOf(' ')));
    return lastMinute > Runtime.getRuntime().availableProcessors() / 2.0;
  }

  /** What a JDK's release file says. */
  private static String version(Path jdk) throws IOException {
    Path release = jdk.resolve("release");
    if (Files.exists(release)) {
      for (String line : Files.readAllLines(release)) {
        if (line.startsWith("JAVA_VERSION=")) {
          return line.substring("JAVA_VERSION=".length()).replace("\"", "");
        }
      }
    }
    return jdk.toString();
  }

  private static void profile(Ground ground, Options options, Stack stack, Variant variant)
      throws IOException {
    if (variant.existsFor(stack)) {
      Run run = new Run(ground, options, stack, System.err);
      try (run) {
        run.profile(variant, System.out);
      }
    }
  }

  private static void print(Options options, List<Results> all, PrintStream out) {
    Report report = new Report(options.columns());
    for (Results results : all) {
      out.println(report.table(results, options.variants()));
    }
    for (Results results : all) {
      out.println(results.stack().title());
      out.println(report.probes(results));
      for (Variant agent : List.of(Variant.AGENT_JSSE, Variant.AGENT_OPENSSL)) {
        if (results.of(agent, Metric.RPS).known()) {
          out.println(report.targets(agent.title(), Target.of(results, agent)));
        }
      }
      if (results.of(Variant.AGENT_OUTSIDE, Metric.RPS).known()) {
        out.println(report.targets(Variant.AGENT_OUTSIDE.title(), Target.outside(results)));
      }
    }
  }

  private static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).strip();
  }
}
