package dev.weft.server.cli;

import dev.weft.server.operator.OperatorGrant;
import dev.weft.server.operator.OperatorTokens;
import dev.weft.server.operator.Role;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weft operator}: who may ask the server, in the state folder, whether or not it runs. */
@Command(
    name = "operator",
    mixinStandardHelpOptions = true,
    description = "Makes, lists and revokes the tokens of people and their programs.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = OperatorCommand.Token.class)
final class OperatorCommand implements Runnable {
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

  private static OperatorTokens tokens(StateOption folder) throws IOException {
    return new OperatorTokens(
        StateFolder.open(folder.path()), new SecureRandom(), InstantSource.system());
  }

  /** {@code weft operator token}. */
  @Command(
      name = "token",
      mixinStandardHelpOptions = true,
      description = "Operator tokens.",
      synopsisSubcommandLabel = "COMMAND",
      subcommands = {Create.class, All.class, Revoke.class})
  static final class Token implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
      throw new CommandLine.ParameterException(line(spec), "Missing command");
    }
  }

  /** {@code weft operator token create}: the token alone stands on stdout. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Makes an operator token and prints it; it cannot be shown again.")
  static final class Create implements Callable<Integer> {
    @Option(
        names = "--name",
        required = true,
        description = "What the server's log calls its user: ci, anna ...")
    private String name = "";

    @Option(
        names = "--role",
        defaultValue = "viewer",
        description = "viewer: reads; operator: changes what the API can change (default: viewer).")
    private String role = "viewer";

    @Option(names = "--ttl", defaultValue = "30d", description = "Default: 30d.")
    private Duration life = Duration.ofDays(30);

    @Mixin private StateOption folder = new StateOption();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, Refusal {
      CommandLine line = line(spec);
      OperatorTokens.Order order;
      try {
        order = new OperatorTokens.Order(name, Role.parse(role), life);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.ParameterException(line, String.valueOf(e.getMessage()), e);
      }
      PrintWriter out = line.getOut();
      out.println(tokens(folder).create(order).text());
      out.flush();
      return 0;
    }
  }

  /** {@code weft operator token list}. */
  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists operator tokens.")
  static final class All implements Callable<Integer> {
    @Mixin private StateOption folder = new StateOption();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      OperatorTokens tokens = tokens(folder);
      Map<String, String> lastUsed = tokens.lastUsed();
      TextTable table = new TextTable("ID", "NAME", "ROLE", "STATE", "LAST USED");
      for (OperatorGrant grant : tokens.list()) {
        table.row(
            grant.id(),
            grant.name(),
            grant.role().title(),
            state(grant),
            lastUsed.getOrDefault(grant.id(), "never"));
      }
      PrintWriter out = line(spec).getOut();
      table.print(out);
      out.flush();
      return 0;
    }

    private static String state(OperatorGrant grant) {
      Instant now = Instant.now();
      return grant.state(now).equals("valid")
          ? Durations.text(Duration.between(now, Instant.parse(grant.expires())).toSeconds())
              + " left"
          : grant.state(now);
    }
  }

  /** {@code weft operator token revoke}. */
  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Withdraws an operator token; a running server refuses it from then on.")
  static final class Revoke implements Callable<Integer> {
    @Parameters(paramLabel = "ID|NAME", description = "As operator token list shows it.")
    private String id = "";

    @Mixin private StateOption folder = new StateOption();

    @Override
    public Integer call() throws IOException {
      if (!tokens(folder).revoke(id)) {
        throw new IOException("there is no operator token " + id);
      }
      return 0;
    }
  }
}
