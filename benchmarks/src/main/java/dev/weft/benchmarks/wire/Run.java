package dev.weft.benchmarks.wire;

import dev.weft.benchmarks.ground.Profile;
import dev.weft.benchmarks.ground.Window;
import dev.weft.benchmarks.wire.app.Content;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One stack's measurement: all pairs of JVMs stay up together, and each round visits one after the
 * other, window by window, so that an hour in which the machine is slow is slow for all of them.
 * Used by one thread.
 */
final class Run implements AutoCloseable {
  private static final int RATE = 1000;
  private static final int CONNECTIONS = 16;
  private static final int PARALLEL_FRESH = 4;
  private static final int PARALLEL_BULK = 2;
  private static final long SEED = 20261;
  private static final double OPEN_FACTOR = 1.5;
  private static final int MAX_WARM_UPS = 6;
  private static final double PROFILE_SECONDS = 8;

  /** Whose first request is compared; sidecars are up long before the application. */
  private static final Set<Variant> COLD =
      Set.of(
          Variant.PLAIN,
          Variant.JSSE,
          Variant.BORINGSSL,
          Variant.AGENT_OUTSIDE,
          Variant.AGENT_JSSE,
          Variant.AGENT_OPENSSL);

  private final Ground ground;
  private final Options options;
  private final Results results;
  private final PrintStream progress;
  private final Map<Variant, Pair> pairs = new EnumMap<>(Variant.class);

  Run(Ground ground, Options options, Stack stack, PrintStream progress) {
    this.ground = ground;
    this.options = options;
    this.results = new Results(stack);
    this.progress = progress;
  }

  /** Measures everything that was asked for. */
  Results measure() {
    for (Variant variant : options.variants()) {
      if (variant.existsFor(results.stack())) {
        start(variant);
      }
    }
    each("warm-up", this::warmUp);
    for (int round = 0; round < options.rounds(); round++) {
      for (Column column : options.columns()) {
        if (column.inRounds()) {
          measure(column, round);
        }
      }
    }
    if (options.columns().contains(Column.IDLE)) {
      each("idle connections", this::idle);
    }
    return results;
  }

  /**
   * Instead of measuring: loads one variant and shows where its JVMs spend their time.
   *
   * @param out where the profiles are printed
   */
  void profile(Variant variant, PrintStream out) throws IOException {
    start(variant);
    Pair pair = pairs.get(variant);
    if (pair == null) {
      return;
    }
    each("warm-up", this::warmUp);
    for (Column column : options.columns()) {
      if (!column.inRounds()) {
        continue;
      }
      String name = results.stack().option() + "-" + variant.option() + "-" + column.option();
      Path client = ground.folder().resolve(name + "-client.jfr");
      Path server = ground.folder().resolve(name + "-server.jfr");
      pair.record(client, server);
      pair.run(command(column, PROFILE_SECONDS, 0), PROFILE_SECONDS);
      pair.recorded();
      Profile.of(client).print(name + ", client", out);
      Profile.of(server).print(name + ", server", out);
      if (Perf.installed()) {
        Path data = ground.folder().resolve(name + ".perf");
        try (Perf perf = Perf.record(pair.jvms(), data, PROFILE_SECONDS)) {
          pair.run(command(column, PROFILE_SECONDS, 0), PROFILE_SECONDS);
          perf.print(ground.java().resolveSibling("jcmd"), out);
        }
      }
    }
  }

  private void start(Variant variant) {
    boolean cold = options.columns().contains(Column.FIRST) && COLD.contains(variant);
    int starts = cold ? Math.max(1, options.coldStarts()) : 1;
    progress.println("start " + results.stack().option() + " " + variant.option());
    try {
      for (int i = 0; i < starts; i++) {
        String name = results.stack().option() + "-" + variant.option() + "-" + i;
        Pair pair = new Pair(ground, results.stack(), variant, name);
        Pair before = pairs.put(variant, pair);
        if (before != null) {
          before.close();
        }
        double millis = pair.run("once", 1).figure("millis");
        if (cold) {
          results.enter(variant, Metric.FIRST, i, millis);
        }
      }
      Pair pair = pairs.get(variant);
      if (pair != null) {
        results.probed(variant, pair.probe());
      }
    } catch (IOException | GeneralSecurityException e) {
      lost(variant, "not available: " + e.getMessage());
    }
  }

  /** Handshakes, too: the first hundreds of them are many times slower. */
  private void warmUp(Variant variant, Pair pair) throws IOException {
    for (Column column : options.columns()) {
      double enough =
          switch (column) {
            case CLOSED -> 20_000;
            case FRESH -> 800;
            case BULK -> 50;
            default -> 0;
          };
      double done = 0;
      // On a busy machine the compilers need longer than the time that was asked for.
      for (int i = 0; column.inRounds() && i < MAX_WARM_UPS && (i == 0 || done < enough); i++) {
        double seconds = options.warmUp();
        Window window = pair.run(command(column, seconds, 0), seconds);
        done += column == Column.OPEN ? 0 : window.figure("count");
      }
    }
  }

  private void measure(Column column, int round) {
    each(
        "round " + (round + 1) + " " + column.option(),
        round,
        (variant, pair) -> {
          double seconds = options.seconds() * (column == Column.OPEN ? OPEN_FACTOR : 1);
          enter(variant, column, round, pair.run(command(column, seconds, round), seconds));
        });
  }

  private static String command(Column column, double seconds, int round) {
    return switch (column) {
      case OPEN -> "open " + RATE + " " + seconds + " " + (SEED + round) + " " + CONNECTIONS;
      case CLOSED -> "closed " + seconds + " " + CONNECTIONS;
      case FRESH -> "fresh " + seconds + " " + PARALLEL_FRESH;
      case BULK -> "bulk " + seconds + " " + PARALLEL_BULK;
      case IDLE, FIRST -> throw new IllegalArgumentException(column + " is not in rounds");
    };
  }

  private void enter(Variant variant, Column column, int round, Window window) {
    double cpu = window.cpuSeconds();
    switch (column) {
      case OPEN -> {
        results.enter(variant, Metric.P50, round, window.figure("p50"));
        results.enter(variant, Metric.P90, round, window.figure("p90"));
        results.enter(variant, Metric.P99, round, window.figure("p99"));
        results.enter(variant, Metric.P999, round, window.figure("p999"));
        results.enter(variant, Metric.CPU, round, cpu * 1e6 / window.figure("requests"));
      }
      case CLOSED -> {
        double count = window.figure("count");
        results.enter(variant, Metric.RPS, round, count / window.figure("seconds"));
        results.enter(variant, Metric.SATURATED_CPU, round, cpu * 1e6 / count);
      }
      case FRESH -> {
        double count = window.figure("count");
        results.enter(variant, Metric.FRESH, round, count / window.figure("seconds"));
        results.enter(variant, Metric.FRESH_CPU, round, cpu * 1e3 / count);
      }
      case BULK -> {
        double bytes = window.figure("count") * Content.BULK_BYTES;
        results.enter(variant, Metric.BULK, round, bytes / 1e6 / window.figure("seconds"));
        results.enter(variant, Metric.BULK_CPU, round, cpu * 1e9 / bytes);
      }
      case IDLE, FIRST -> throw new IllegalArgumentException(column + " is not in rounds");
    }
  }

  private void idle(Variant variant, Pair pair) throws IOException {
    long before = pair.footprint();
    results.enter(variant, Metric.MEMORY, 0, before / 1e6);
    pair.run("idle " + options.idle(), 30);
    double grown = (pair.footprint() - before) / 1e6;
    results.enter(variant, Metric.IDLE, 0, grown * 1000 / options.idle());
    pair.run("idle 0", 10);
  }

  private interface Step {
    void take(Variant variant, Pair pair) throws IOException;
  }

  private void each(String what, Step step) {
    each(what, 0, step);
  }

  /**
   * Visits all pairs; one that fails is out.
   *
   * @param first whose turn it is to be the first, so that nobody always follows the same neighbour
   */
  private void each(String what, int first, Step step) {
    progress.println(results.stack().option() + " " + what);
    List<Variant> order = new ArrayList<>(pairs.keySet());
    Collections.rotate(order, -first);
    for (Variant variant : order) {
      Pair pair = pairs.get(variant);
      if (pair == null) {
        continue;
      }
      try {
        step.take(variant, pair);
      } catch (IOException e) {
        lost(variant, "gave up at " + what + ": " + e.getMessage());
      }
    }
  }

  private void lost(Variant variant, String reason) {
    progress.println(variant.option() + " " + reason);
    results.note(variant, reason);
    Pair pair = pairs.remove(variant);
    if (pair != null) {
      pair.close();
    }
  }

  @Override
  public void close() {
    pairs.values().forEach(Pair::close);
    pairs.clear();
  }
}
