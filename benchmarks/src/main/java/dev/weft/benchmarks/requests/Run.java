package dev.weft.benchmarks.requests;

import dev.weft.benchmarks.ground.ProcessUse;
import dev.weft.benchmarks.ground.Profile;
import dev.weft.benchmarks.ground.Program;
import dev.weft.benchmarks.ground.Window;
import dev.weft.benchmarks.requests.Figures.Metric;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One library's measurement: its clients stay up together, and each round visits them one after the
 * other, so that a minute in which the machine is slow is slow for all. Used by one thread.
 */
final class Run implements AutoCloseable {
  private static final long SEED = 20261;

  /**
   * Length of a window of the open loop. A machine's hiccup spoils the tail of one such pair
   * instead of a whole round, and many short pairs say how certain their median is.
   */
  private static final double PACED_SECONDS = 0.25;

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Options options;
  private final Figures figures = new Figures();
  private final Map<Variant, Program> clients = new EnumMap<>(Variant.class);

  /** Starts the clients. */
  Run(Ground ground, Options options, Library library, PrintStream progress) throws IOException {
    this.options = options;
    try {
      for (Variant variant : options.profiled().map(Set::of).orElse(options.variants())) {
        progress.println("start " + library.option() + " " + variant.title());
        clients.put(variant, ground.client(library, variant, options.threads()));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** Measures everything that was asked for. */
  Figures measure() throws IOException {
    for (Program client : clients.values()) {
      client.ask("closed " + options.warmUp(), PATIENCE);
    }
    double rate = 0;
    for (int round = 0; round < options.rounds(); round++) {
      for (Variant variant : inTurn(round)) {
        saturate(variant);
      }
      // The first round decides: the same rate for all rounds and variants.
      rate = rate == 0 ? figures.of(Variant.PLAIN, Metric.RATE).median() / 2 : rate;
      pace(rate, round);
    }
    return figures;
  }

  /** As long as {@link #saturate} takes, in short windows by turns. */
  private void pace(double rate, int round) throws IOException {
    int windows = (int) Math.max(1, options.seconds() / PACED_SECONDS);
    for (int window = round * windows; window < (round + 1) * windows; window++) {
      for (Variant variant : inTurn(window)) {
        pace(variant, rate, SEED + window);
      }
    }
  }

  /**
   * Instead of measuring: loads the variant that was asked for and shows where it spends its time.
   *
   * @param recording the flight recording's file
   */
  void profile(Variant variant, Path recording, PrintStream out) throws IOException {
    window(variant, "closed " + options.warmUp());
    Program client = client(variant);
    client.ask("profile " + recording, PATIENCE);
    window(variant, "closed " + options.seconds());
    client.ask("profiled", PATIENCE);
    Profile.of(recording).print(variant.title(), out);
  }

  /** Nobody always follows the same neighbour. */
  private List<Variant> inTurn(int round) {
    List<Variant> order = new ArrayList<>(clients.keySet());
    Collections.rotate(order, -round);
    return order;
  }

  private void saturate(Variant variant) throws IOException {
    Window window = window(variant, "closed " + options.seconds());
    double count = window.figure("count");
    figures.enter(variant, Metric.RATE, count / window.figure("seconds"));
    figures.enter(variant, Metric.SATURATED_CPU, window.cpuSeconds() * 1e6 / count);
    figures.enter(variant, Metric.ALLOCATED, window.figure("allocated") / count);
  }

  private void pace(Variant variant, double rate, long seed) throws IOException {
    Window window = window(variant, "open " + rate + " " + PACED_SECONDS + " " + seed);
    figures.enter(variant, Metric.CPU, window.cpuSeconds() * 1e6 / window.figure("requests"));
    figures.enter(variant, Metric.P50, window.figure("p50"));
    figures.enter(variant, Metric.P99, window.figure("p99"));
  }

  /** With the processor time of the client alone: the server is none of its business. */
  private Window window(Variant variant, String command) throws IOException {
    Program client = client(variant);
    ProcessUse before = ProcessUse.of(client.pid());
    Map<String, String> answer = client.ask(command, PATIENCE);
    return new Window(answer, ProcessUse.seconds(before, ProcessUse.of(client.pid())));
  }

  private Program client(Variant variant) {
    Program client = clients.get(variant);
    if (client == null) {
      throw new IllegalStateException(variant + " was not started");
    }
    return client;
  }

  @Override
  public void close() {
    clients.values().forEach(Program::close);
    clients.clear();
  }
}
