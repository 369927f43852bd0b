package dev.weft.benchmarks.scale;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** What to measure. Immutable. */
record Options(
    int agents,
    int services,
    int namespaces,
    int ports,
    int changes,
    int storm,
    Duration svidLife,
    String heap,
    boolean everything,
    boolean restartOnly,
    String tlsProvider,
    Path serverJar,
    Path folder) {

  static Options parse(String[] arguments) {
    int agents = 2000;
    int services = 500;
    int namespaces = 20;
    int ports = 5;
    int changes = 40;
    int storm = 500;
    Duration svidLife = Duration.ofHours(24);
    String heap = "256m";
    boolean everything = false;
    boolean restartOnly = false;
    String tlsProvider = "auto";
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--agents" -> agents = number(arguments, ++i);
        case "--services" -> services = number(arguments, ++i);
        case "--namespaces" -> namespaces = number(arguments, ++i);
        case "--ports" -> ports = number(arguments, ++i);
        case "--changes" -> changes = number(arguments, ++i);
        case "--storm" -> storm = number(arguments, ++i);
        case "--svid-minutes" -> svidLife = Duration.ofMinutes(number(arguments, ++i));
        case "--heap" -> heap = arguments[++i].toLowerCase(Locale.ROOT);
        case "--scope-mesh" -> everything = true;
        case "--restart-only" -> restartOnly = true;
        case "--tls-provider" -> tlsProvider = arguments[++i];
        default ->
            throw new IllegalArgumentException(
                "unknown option "
                    + arguments[i]
                    + "; there are --agents --services --namespaces --ports --changes --storm"
                    + " --svid-minutes --heap --scope-mesh --restart-only --tls-provider");
      }
    }
    if (agents % services != 0 || services % namespaces != 0) {
      throw new IllegalArgumentException(
          "agents must be a multiple of services, and services of namespaces");
    }
    return new Options(
        agents,
        services,
        namespaces,
        ports,
        changes,
        storm,
        svidLife,
        heap,
        everything,
        restartOnly,
        tlsProvider,
        Path.of(System.getProperty("weft.server", "config-server/target/weft-server.jar")),
        Path.of(
            System.getProperty("java.io.tmpdir"), "weft-scale-" + ProcessHandle.current().pid()));
  }

  private static int number(String[] arguments, int at) {
    if (at >= arguments.length) {
      throw new IllegalArgumentException(arguments[at - 1] + " needs a number");
    }
    return Integer.parseInt(arguments[at]);
  }

  int endpoints() {
    return agents * ports;
  }

  String namespace(int service) {
    return "ns" + service % namespaces;
  }

  String service(int service) {
    return "svc" + service;
  }
}
