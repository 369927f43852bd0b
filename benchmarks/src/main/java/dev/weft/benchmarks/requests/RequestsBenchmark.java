package dev.weft.benchmarks.requests;

import dev.weft.benchmarks.ground.Spread;
import dev.weft.benchmarks.ground.Table;
import dev.weft.benchmarks.requests.Figures.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures what the request layer costs the clients of each library, and prints one table. See the
 * README of the module.
 */
public final class RequestsBenchmark {
  private static final List<String> HEAD =
      List.of(
          "client",
          "agent",
          "req/s",
          "CPU us",
          "added",
          "[rounds]",
          "B/req",
          "added",
          "half: p50 us",
          "p99",
          "p99 ratio",
          "[95 %]",
          "CPU added us");

  private RequestsBenchmark() {}

  /**
   * The command line; the system properties {@code weft.agent} and {@code opentelemetry.agent} name
   * the agents' jars.
   */
  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Options.USAGE);
      System.exit(2);
      return;
    }
    Path folder = Files.createTempDirectory("weft-requests");
    System.err.println("logs are in " + folder);
    List<List<String>> rows = new ArrayList<>(List.of(HEAD));
    try (Ground ground =
        new Ground(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            agent("weft.agent"),
            agent("opentelemetry.agent"),
            folder)) {
      for (Library library : options.libraries()) {
        Run run = new Run(ground, options, library, System.err);
        try (run) {
          if (options.profiled().isPresent()) {
            Path recording = folder.resolve(library.option() + ".jfr");
            run.profile(options.profiled().get(), recording, System.out);
            continue;
          }
          Figures figures = run.measure();
          options.variants().forEach(variant -> rows.add(row(library, variant, figures)));
        }
      }
    }
    if (options.profiled().isPresent()) {
      return;
    }
    System.out.println(Table.aligned(rows));
    System.out.println("load after: " + Files.readString(Path.of("/proc/loadavg")).strip());
  }

  private static Path agent(String property) {
    return Path.of(System.getProperty(property, "")).toAbsolutePath();
  }

  private static List<String> row(Library library, Variant variant, Figures figures) {
    boolean baseline = variant == Variant.PLAIN;
    Spread added = figures.added(variant, Metric.SATURATED_CPU);
    Spread p99 = figures.ratio(variant, Metric.P99);
    return List.of(
        baseline ? library.title() : "",
        variant.title(),
        figure(figures.of(variant, Metric.RATE)),
        figure(figures.of(variant, Metric.SATURATED_CPU)),
        baseline ? "-" : figure(added),
        baseline ? "-" : rounds(added),
        figure(figures.of(variant, Metric.ALLOCATED)),
        baseline ? "-" : figure(figures.added(variant, Metric.ALLOCATED)),
        figure(figures.of(variant, Metric.P50)),
        figure(figures.of(variant, Metric.P99)),
        baseline ? "-" : String.format(Locale.ROOT, "%.2f", p99.median()),
        baseline ? "-" : rounds(p99),
        baseline ? "-" : figure(figures.added(variant, Metric.CPU)));
  }

  private static String figure(Spread spread) {
    return spread.known() ? Table.figure(spread.median()) : "-";
  }

  private static String rounds(Spread spread) {
    return String.format(Locale.ROOT, "[%.2f..%.2f]", spread.min(), spread.max());
  }
}
