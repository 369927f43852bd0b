package dev.weft.benchmarks.requests;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What to measure.
 *
 * @param threads how many send at once
 * @param rounds how often each window is repeated
 * @param seconds length of a window
 * @param warmUp seconds of load before the rounds
 * @param profiled only show where this variant spends its time
 */
record Options(
    Set<Library> libraries,
    Set<Variant> variants,
    int threads,
    int rounds,
    double seconds,
    double warmUp,
    Optional<Variant> profiled) {
  static final String USAGE =
      "usage: requests [--libraries a,b] [--variants plain,weft,opentelemetry] [--threads N]"
          + " [--rounds N] [--seconds S] [--warm-up S]"
          + " [--profile VARIANT]";

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static Options parse(String[] arguments) {
    Options options =
        new Options(
            EnumSet.allOf(Library.class),
            EnumSet.allOf(Variant.class),
            8,
            7,
            3,
            10,
            Optional.empty());
    Deque<String> left = new ArrayDeque<>(List.of(arguments));
    while (!left.isEmpty()) {
      String name = left.pop();
      String value = left.poll();
      if (value == null) {
        throw new IllegalArgumentException(name + " needs a value");
      }
      options = options.with(name, value);
    }
    return options;
  }

  private Options with(String name, String value) {
    return switch (name) {
      case "--libraries" ->
          new Options(libraries(value), variants, threads, rounds, seconds, warmUp, profiled);
      case "--variants" ->
          new Options(libraries, variants(value), threads, rounds, seconds, warmUp, profiled);
      case "--threads" ->
          new Options(
              libraries, variants, Integer.parseInt(value), rounds, seconds, warmUp, profiled);
      case "--rounds" ->
          new Options(
              libraries, variants, threads, Integer.parseInt(value), seconds, warmUp, profiled);
      case "--seconds" ->
          new Options(
              libraries, variants, threads, rounds, Double.parseDouble(value), warmUp, profiled);
      case "--warm-up" ->
          new Options(
              libraries, variants, threads, rounds, seconds, Double.parseDouble(value), profiled);
      case "--profile" ->
          new Options(
              libraries,
              variants,
              threads,
              rounds,
              seconds,
              warmUp,
              Optional.of(Variant.valueOf(constant(value))));
      default -> throw new IllegalArgumentException("unknown option " + name);
    };
  }

  private static Set<Library> libraries(String names) {
    Set<Library> chosen = EnumSet.noneOf(Library.class);
    for (String name : names.split(",", -1)) {
      chosen.add(Library.valueOf(constant(name)));
    }
    return chosen;
  }

  /** Always with the baseline. */
  private static Set<Variant> variants(String names) {
    Set<Variant> chosen = EnumSet.of(Variant.PLAIN);
    for (String name : names.split(",", -1)) {
      chosen.add(Variant.valueOf(constant(name)));
    }
    return chosen;
  }

  private static String constant(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
