package dev.weft.agent.config;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.config.Settings.TlsProvider;
import dev.weft.policy.Locality;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads the {@link Settings}. For each key the first source that has it wins: the agent's
 * arguments, system properties, the environment, the file that {@code WEFT_CONFIG} names, and for
 * the service OpenTelemetry's own settings.
 *
 * <p>Runs in {@code premain}, so it touches no {@code java.util.logging}, no JMX and no file system
 * but for that one file. Stateless.
 */
public final class SettingsReader {
  private static final String INSTRUMENTATION = "instrumentation.";

  private static final Set<String> KEYS =
      Set.of(
          "enabled",
          "service",
          "namespace",
          "service.account",
          "labels",
          "ports",
          "server",
          "token",
          "token.file",
          "server.ca.file",
          "policy",
          "identity.cert",
          "identity.key",
          "identity.bundle",
          "address",
          "locality",
          "weight",
          "state.dir",
          "startup.wait",
          "drain.timeout",
          "health",
          "health.interval",
          "on.failure",
          "tls.provider",
          "log",
          "log.file",
          "admin",
          "config");

  /** Kubernetes puts these into every container beside a Service whose name starts with weft. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile("WEFT_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_(TCP|UDP|SCTP).*)?)");

  private final List<Source> sources;
  private final OtelDefaults otel;

  private SettingsReader(List<Source> sources, OtelDefaults otel) {
    this.sources = sources;
    this.otel = otel;
  }

  /**
   * Reads everything once.
   *
   * @param agentArguments what follows {@code =} in {@code -javaagent:weft-agent.jar=...}: {@code
   *     key=value,key="value,with,commas"}; empty: none
   * @param warnings gets one sentence for each unknown key, and for settings that have no effect
   * @throws IllegalArgumentException naming the key, its source, the impossible value and what was
   *     expected
   */
  public static Settings read(
      String agentArguments,
      Map<String, String> systemProperties,
      Map<String, String> environment,
      Consumer<String> warnings) {
    Source arguments = new Source("agent argument ", AgentArguments.parse(agentArguments));
    Source properties = Source.ofProperties(systemProperties);
    Source variables = Source.ofEnvironment(environment);
    List<Source> sources = List.of(arguments, properties, variables);
    Optional<String> file = new SettingsReader(sources, OtelDefaults.NONE).text("config");
    if (file.isPresent()) {
      Source inFile = new Source("file " + file.get() + ", ", ConfigFile.read(file.get()));
      sources = List.of(arguments, properties, variables, inFile);
    }
    for (Source source : sources) {
      source.warnUnknown(warnings);
    }
    OtelDefaults otel = OtelDefaults.of(systemProperties, environment);
    return new SettingsReader(sources, otel).settings(warnings);
  }

  private Settings settings(Consumer<String> warnings) {
    String service = text("service").orElse(otel.service());
    Map<String, String> labels =
        value("labels", Values::labels)
            .orElse(otel.version().isEmpty() ? Map.of() : Map.of("version", otel.version()));
    Settings settings =
        new Settings(
            value("enabled", Values::bool).orElse(true),
            service,
            text("namespace").orElse(otel.namespace().isEmpty() ? "default" : otel.namespace()),
            text("service.account").orElse(service),
            labels,
            value("ports", Values::ports).orElse(Map.of()),
            value("server", Values::servers).orElse(List.of()),
            text("token"),
            path("token.file"),
            path("server.ca.file"),
            path("policy"),
            path("identity.cert"),
            path("identity.key"),
            path("identity.bundle"),
            text("address"),
            value("locality", Locality::parse).or(() -> Locality.of(labels)),
            value("weight", Values::weight),
            path("state.dir"),
            value("startup.wait", Values::duration).orElse(Duration.ofSeconds(5)),
            value("drain.timeout", Values::duration).orElse(Duration.ofSeconds(10)),
            value("health", HealthCheck::parse),
            value("health.interval", Values::interval).orElse(Duration.ofSeconds(5)),
            value("on.failure", text -> Values.choice(OnFailure.class, text))
                .orElse(OnFailure.CLOSED),
            value("tls.provider", text -> Values.choice(TlsProvider.class, text))
                .orElse(TlsProvider.AUTO),
            disabledInstrumentations(),
            value("log", text -> Values.choice(LogLevel.class, text)).orElse(LogLevel.INFO),
            path("log.file"),
            value("admin", Values::hostAndPort));
    checkTogether(settings, warnings);
    return settings;
  }

  /** What is possible alone but not together. */
  private static void checkTogether(Settings settings, Consumer<String> warnings) {
    boolean cert = settings.identityCert().isPresent();
    boolean key = settings.identityKey().isPresent();
    boolean bundle = settings.identityBundle().isPresent();
    if ((cert || key || bundle) && !(cert && key && bundle)) {
      String missing = !cert ? "identity.cert" : !key ? "identity.key" : "identity.bundle";
      throw new IllegalArgumentException(
          "weft." + missing + " is missing: the three files of weft.identity.* belong together");
    }
    if (settings.servers().isEmpty()) {
      if (settings.token().isPresent() || settings.tokenFile().isPresent()) {
        warnings.accept("weft.token has no effect without weft.server");
      }
      if (settings.health().isPresent()) {
        warnings.accept("weft.health has no effect without weft.server, which tells the others");
      }
    } else if (settings.policy().isPresent()) {
      warnings.accept("weft.policy has no effect beside weft.server, which sends the policy");
    }
  }

  private Set<String> disabledInstrumentations() {
    Set<String> names = new TreeSet<>();
    for (Source source : sources) {
      for (String key : source.values().keySet()) {
        if (key.startsWith(INSTRUMENTATION) && !value(key, Values::bool).orElse(true)) {
          // WEFT_INSTRUMENTATION_JAVA_NET_HTTP cannot say whether _ was a dot or a dash.
          names.add(key.substring(INSTRUMENTATION.length()).replace('.', '-'));
        }
      }
    }
    return Set.copyOf(names);
  }

  private Optional<Path> path(String key) {
    return value(key, Values::path);
  }

  private Optional<String> text(String key) {
    return value(key, Function.identity());
  }

  private <T> Optional<T> value(String key, Function<String, T> parser) {
    for (Source source : sources) {
      String text = source.values().get(key);
      if (text != null && !text.isBlank()) {
        try {
          return Optional.of(parser.apply(text.strip()));
        } catch (IllegalArgumentException e) {
          // A token is a secret, and an error message is printed.
          String found = key.equals("token") ? "" : ", found \"" + text + "\"";
          throw new IllegalArgumentException(
              "weft." + key + " (" + source.name(key) + "): " + e.getMessage() + found, e);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * One place that settings come from.
   *
   * @param values by key without {@code weft.}
   */
  private record Source(String place, Map<String, String> values) {

    static Source ofProperties(Map<String, String> properties) {
      Map<String, String> values = new TreeMap<>();
      properties.forEach(
          (key, value) -> {
            if (key.startsWith("weft.")) {
              values.put(key.substring("weft.".length()), value);
            }
          });
      return new Source("system property weft.", values);
    }

    static Source ofEnvironment(Map<String, String> environment) {
      Map<String, String> values = new TreeMap<>();
      environment.forEach(
          (name, value) -> {
            if (name.startsWith("WEFT_") && !SERVICE_LINK.matcher(name).matches()) {
              String key = name.substring("WEFT_".length());
              values.put(key.toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
          });
      return new Source("environment ", values);
    }

    String name(String key) {
      return place.startsWith("environment")
          ? "environment WEFT_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_')
          : place + key;
    }

    void warnUnknown(Consumer<String> warnings) {
      Set<String> known = new HashSet<>(KEYS);
      for (String key : values.keySet()) {
        if (known.contains(key) || key.startsWith(INSTRUMENTATION)) {
          continue;
        }
        String near = Suggestion.nearest(key, known);
        if (near == null && place.startsWith("environment") && key.startsWith("server.")) {
          continue; // WEFT_SERVER_* are the options of the config server
        }
        String hint = near == null ? "" : "; did you mean weft." + near + "?";
        if (place.startsWith("agent argument") && near == null) {
          hint = "; a value with commas must be quoted: labels=\"version=v2,tier=gold\"";
        }
        warnings.accept("unknown setting weft." + key + " (" + name(key) + ")" + hint);
      }
    }
  }
}
