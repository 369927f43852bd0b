package dev.weft.server.cli;

import dev.weft.policy.SpiffeId;
import dev.weft.server.ConfigServer;
import dev.weft.server.HostPort;
import dev.weft.server.ServerOptions;
import dev.weft.server.http.TlsProvider;
import dev.weft.server.log.Log;
import dev.weft.server.log.LogFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code weft server}: runs the config server. On stdout stand its addresses and nothing else, so
 * that scripts find a server that was started with port 0; its log goes to stderr.
 */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the config server.",
      "Every option is also read from the environment (--svid-ttl as WEFT_SERVER_SVID_TTL)",
      "and from the YAML file of --config (svid-ttl: 24h)."
    })
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = "--policy",
      required = true,
      paramLabel = "DIR",
      description = "Folder of policy documents, watched for changes.")
  private Path policy = Path.of("");

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Folder of keys and tokens (default: .weft/state).")
  private Path state = Path.of(ServerConnection.DEFAULT_STATE);

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where agents connect (default: 0.0.0.0:15010).")
  private String listen = "0.0.0.0:15010";

  @Option(
      names = "--dashboard",
      paramLabel = "HOST:PORT",
      description =
          "Page and API for people, plain HTTP on this machine only, else TLS; off: none"
              + " (default: 127.0.0.1:15014).")
  private String dashboard = "127.0.0.1:15014";

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      description = "SPIFFE trust domain (default: cluster.local).")
  private String trustDomain = "cluster.local";

  @Option(
      names = "--ca-cert",
      paramLabel = "FILE",
      description =
          "Signing certificate and its parents up to the root, PEM (default: an embedded root).")
  private @Nullable Path caCert;

  @Option(names = "--ca-key", paramLabel = "FILE", description = "Its private key, PEM.")
  private @Nullable Path caKey;

  @Option(
      names = "--svid-ttl",
      paramLabel = "DURATION",
      description = "How long certificates live (default: 24h).")
  private Duration svidTtl = Duration.ofHours(24);

  @Option(
      names = "--advertise",
      split = ",",
      paramLabel = "NAME",
      description = "Further DNS names and IP addresses for the server's certificate.")
  private List<String> advertise = List.of();

  @Option(
      names = "--tls-provider",
      paramLabel = "PROVIDER",
      description =
          "openssl: BoringSSL, or no start; jsse: the JDK's own TLS; auto: BoringSSL where its"
              + " native library loads, else the JDK's (default: auto).")
  private String tlsProvider = "auto";

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "text, or json: one object a line with the same keys (default: text).")
  private String logFormat = "text";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with these options as keys.")
  @SuppressWarnings("unused") // ServerDefaults reads it before picocli reads the options
  private @Nullable Path config;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine command = spec().commandLine();
    ServerOptions options = options();
    ConfigServer server = ConfigServer.start(options, Log.to(System.err, logFormat()));
    Thread farewell = new Thread(server::close, "weft-farewell");
    Runtime.getRuntime().addShutdownHook(farewell);
    PrintWriter out = command.getOut();
    out.println("listening " + server.uri());
    server.dashboard().ifPresent(page -> out.println("dashboard " + page));
    out.flush();
    server.awaitClose();
    return CommandLine.ExitCode.OK;
  }

  private ServerOptions options() {
    try {
      SpiffeId checked = new SpiffeId(trustDomain, "weft", "config-server");
      if (svidTtl.compareTo(Duration.ofSeconds(5)) < 0) {
        throw new IllegalArgumentException("--svid-ttl: expected at least 5s, found " + svidTtl);
      }
      return new ServerOptions(
          policy,
          state,
          HostPort.parse(listen),
          dashboard.equals("off") ? Optional.empty() : Optional.of(HostPort.parse(dashboard)),
          checked.trustDomain(),
          authority(),
          svidTtl,
          advertise,
          tlsProvider());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec().commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private TlsProvider tlsProvider() {
    return switch (tlsProvider) {
      case "auto" -> TlsProvider.AUTO;
      case "openssl" -> TlsProvider.OPENSSL.here(Log.to(line -> {})); // or no start
      case "jsse" -> TlsProvider.JSSE;
      default ->
          throw new IllegalArgumentException(
              "--tls-provider: expected auto, openssl or jsse, found \"" + tlsProvider + "\"");
    };
  }

  private LogFormat logFormat() {
    return switch (logFormat) {
      case "text" -> LogFormat.TEXT;
      case "json" -> LogFormat.JSON;
      default ->
          throw new CommandLine.ParameterException(
              spec().commandLine(),
              "--log-format: expected text or json, found \"" + logFormat + "\"");
    };
  }

  private Optional<ServerOptions.AuthorityFiles> authority() {
    if (caCert == null && caKey == null) {
      return Optional.empty();
    }
    if (caCert == null || caKey == null) {
      throw new IllegalArgumentException("--ca-cert and --ca-key belong together");
    }
    return Optional.of(new ServerOptions.AuthorityFiles(caCert, caKey));
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("not run by picocli");
    }
    return spec;
  }
}
