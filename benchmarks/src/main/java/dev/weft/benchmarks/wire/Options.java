package dev.weft.benchmarks.wire;

import java.nio.file.Path;
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
 * @param rounds how often each window is repeated
 * @param seconds length of a window; that of the fixed rate is half as long again
 * @param warmUp seconds of each kind of load before the rounds
 * @param coldStarts fresh pairs of JVMs for the first request
 * @param idle idle connections
 * @param json where the raw figures go
 * @param jdk its home
 * @param profiled only show where this variant spends its time
 */
record Options(
    Set<Stack> stacks,
    Set<Variant> variants,
    Set<Column> columns,
    int rounds,
    double seconds,
    double warmUp,
    int coldStarts,
    int idle,
    Optional<Path> json,
    Path jdk,
    Optional<Variant> profiled) {
  static final String USAGE =
      """
      usage: benchmarks/wire [options]
        --quick                2 short rounds of the most telling variants
        --stacks LIST          netty,tomcat
        --variants LIST        plain,jsse,boringssl,agent-outside,agent-jsse,agent-openssl,
                               nginx-tcp,haproxy-tcp,nginx-http,haproxy-http
        --columns LIST         open,closed,fresh,bulk,idle,first
        --rounds N             4
        --seconds S            length of a window, 1.6
        --warm-up S            of each kind of load, 2.5
        --cold N               fresh pairs of JVMs for the first request, 3
        --idle N               idle connections, 1000
        --jdk HOME             whose java runs client and server
        --json FILE            raw figures of every round
        --profile VARIANT      no table: where this variant's time goes at saturation
      """;

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  static Options parse(String... args) {
    Deque<String> words = new ArrayDeque<>(List.of(args));
    boolean quick = words.remove("--quick");
    Set<Stack> stacks = EnumSet.allOf(Stack.class);
    Set<Variant> variants =
        quick
            ? EnumSet.of(
                Variant.PLAIN,
                Variant.JSSE,
                Variant.BORINGSSL,
                Variant.AGENT_JSSE,
                Variant.AGENT_OPENSSL,
                Variant.NGINX_TCP)
            : EnumSet.allOf(Variant.class);
    Set<Column> columns = EnumSet.allOf(Column.class);
    int rounds = quick ? 2 : 4;
    double seconds = quick ? 1 : 1.6;
    double warmUp = quick ? 1.5 : 2.5;
    int coldStarts = quick ? 1 : 3;
    int idle = 1000;
    Optional<Path> json = Optional.empty();
    Path jdk = Path.of(System.getProperty("java.home"));
    Optional<Variant> profiled = Optional.empty();
    while (!words.isEmpty()) {
      String option = words.remove();
      String value = words.poll();
      if (value == null) {
        throw new IllegalArgumentException("unknown option, or one without value: " + option);
      }
      switch (option) {
        case "--stacks" -> stacks = choices(Stack.class, value);
        case "--variants" -> variants = choices(Variant.class, value);
        case "--columns" -> columns = choices(Column.class, value);
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--seconds" -> seconds = Double.parseDouble(value);
        case "--warm-up" -> warmUp = Double.parseDouble(value);
        case "--cold" -> coldStarts = Integer.parseInt(value);
        case "--idle" -> idle = Integer.parseInt(value);
        case "--json" -> json = Optional.of(Path.of(value));
        case "--jdk" -> jdk = Path.of(value);
        case "--profile" -> profiled = Optional.of(choice(Variant.class, value));
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
    return new Options(
        stacks, variants, columns, rounds, seconds, warmUp, coldStarts, idle, json, jdk, profiled);
  }

  private static <E extends Enum<E>> Set<E> choices(Class<E> type, String text) {
    EnumSet<E> chosen = EnumSet.noneOf(type);
    for (String word : text.split(",", -1)) {
      chosen.add(choice(type, word));
    }
    return chosen;
  }

  private static <E extends Enum<E>> E choice(Class<E> type, String word) {
    try {
      return Enum.valueOf(type, word.strip().toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("unknown name " + word, e);
    }
  }
}
