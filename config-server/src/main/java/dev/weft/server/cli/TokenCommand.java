package dev.weft.server.cli;

import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Pem;
import dev.weft.server.enroll.JoinToken;
import dev.weft.server.enroll.JoinTokens;
import dev.weft.server.enroll.TokenGrant;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weft token}: join tokens, in the state folder, whether or not the server runs. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description = "Makes, lists and revokes join tokens.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TokenCommand.Create.class, TokenCommand.All.class, TokenCommand.Revoke.class})
final class TokenCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(line(spec), "Missing command");
  }

  private static CommandLine line(@Nullable CommandSpec spec) {
    if (spec == null) {
      throw new IllegalStateException("not run by picocli");
    }
    return spec.commandLine();
  }

  private static JoinTokens tokens(StateFolder state) {
    return new JoinTokens(state, new SecureRandom(), InstantSource.system());
  }

  /** {@code weft token create}: the token alone stands on stdout. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Makes a join token and prints it; it cannot be shown again.")
  static final class Create implements Callable<Integer> {
    @Option(names = "--service", required = true, description = "The service it is for.")
    private String service = "";

    @Option(names = "--namespace", defaultValue = "default", description = "Default: default.")
    private String namespace = "default";

    @Option(
        names = "--service-account",
        description = "Last part of the SPIFFE ID (default: the service).")
    private @Nullable String account;

    @Option(
        names = "--label",
        paramLabel = "KEY=VALUE",
        description =
            "A label that the workload may have with this value only; app=VALUE lets it be selected"
                + " as VALUE beside its service. Repeatable.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--ttl", defaultValue = "1h", description = "Default: 1h.")
    private Duration life = Duration.ofHours(1);

    @Option(
        names = "--uses",
        defaultValue = "1",
        description = "How many workloads may join with it (default: 1).")
    private int uses = 1;

    @Option(
        names = "--init",
        description = "Makes an authority where no server has made one in the state folder yet.")
    private boolean init;

    @Mixin private StateOption folder = new StateOption();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      CommandLine line = line(spec);
      JoinTokens.Order order;
      try {
        order =
            new JoinTokens.Order(
                service, namespace, account == null ? service : account, labels, life, uses);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.ParameterException(line, String.valueOf(e.getMessage()), e);
      }
      StateFolder state = StateFolder.open(folder.path());
      String pin = CertificateAuthority.pin(root(state, line));
      JoinToken token = tokens(state).create(order, pin);
      PrintWriter out = line.getOut();
      out.println(token.text());
      out.flush();
      return 0;
    }

    private X509Certificate root(StateFolder state, CommandLine line) throws IOException {
      Optional<String> bundle = state.readText(CertificateAuthority.BUNDLE_FILE);
      if (bundle.isPresent()) {
        return Pem.certificates(bundle.get()).get(0);
      }
      if (!init) {
        // A second authority would make tokens that no server honours.
        throw new IOException(
            "there is no authority in state folder "
                + state.path().toAbsolutePath()
                + ": start the server first, or name its folder with --state (--init makes a new"
                + " authority here)");
      }
      CertificateAuthority created =
          CertificateAuthority.embedded(state, new SecureRandom(), InstantSource.system());
      line.getErr().println("weft: there was no authority in " + state.path() + "; made one");
      line.getErr().flush();
      return created.root();
    }
  }

  /** {@code weft token list}. */
  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists join tokens.")
  static final class All implements Callable<Integer> {
    @Mixin private StateOption folder = new StateOption();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      TextTable table =
          new TextTable("ID", "SERVICE", "NAMESPACE", "SERVICE ACCOUNT", "USES LEFT", "STATE");
      for (TokenGrant grant : tokens(StateFolder.open(folder.path())).list()) {
        table.row(
            grant.id(),
            grant.service(),
            grant.namespace(),
            grant.serviceAccount(),
            grant.remaining() + " of " + grant.uses(),
            state(grant));
      }
      PrintWriter out = line(spec).getOut();
      table.print(out);
      out.flush();
      return 0;
    }

    private static String state(TokenGrant grant) {
      if (grant.revoked()) {
        return "revoked";
      }
      long left = Duration.between(Instant.now(), Instant.parse(grant.expires())).toSeconds();
      if (left <= 0) {
        return "expired";
      }
      return grant.remaining() < 1 ? "used up" : Durations.text(left) + " left";
    }
  }

  /** {@code weft token revoke}. */
  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Withdraws a join token; certificates that it gave stay good.")
  static final class Revoke implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "As token list shows it.")
    private String id = "";

    @Mixin private StateOption folder = new StateOption();

    @Override
    public Integer call() throws IOException {
      if (!tokens(StateFolder.open(folder.path())).revoke(id)) {
        throw new IOException("there is no join token " + id);
      }
      return 0;
    }
  }
}
