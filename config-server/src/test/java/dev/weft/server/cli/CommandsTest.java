package dev.weft.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.server.TestServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

class CommandsTest {
  private static final String DOCUMENTS =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: pay}
      spec:
        selector: {app: pay}
        ports: [{port: 80, targetPort: 8080}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: only-orders}
      spec:
        selector: {matchLabels: {app: pay}}
        action: ALLOW
        rules:
          - from: [{source: {principals: ["cluster.local/ns/default/sa/orders"]}}]
      """;

  @TempDir Path folder;

  private record Run(int exit, String out, String err) {}

  private static Run run(Object... arguments) {
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = WeftCommand.commandLine(texts);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return new Run(line.execute(texts), out.toString(), err.toString());
  }

  private Path policy(String text) throws IOException {
    Path policy = Files.createDirectories(folder.resolve("lint"));
    Files.writeString(policy.resolve("pay.yaml"), text);
    return policy;
  }

  @Test
  void goodDocumentsPassLint() throws IOException {
    Run run = run("lint", policy(DOCUMENTS));

    assertThat(run.exit()).isZero();
    assertThat(run.out()).isEmpty();
  }

  @Test
  void anErrorFailsLintWithItsPlace() throws IOException {
    Path policy = policy(DOCUMENTS.replace("selector: {app", "selektor: {app"));

    Run text = run("lint", policy);
    Run json = run("lint", policy.resolve("pay.yaml"), "--format", "json");

    assertThat(text.exit()).isEqualTo(1);
    assertThat(text.out()).containsPattern("pay\\.yaml:5:\\d+ WEFT\\d+ .*selektor");
    assertThat(json.exit()).isEqualTo(1);
    assertThat(json.out()).contains("\"line\" : 5");
  }

  @Test
  void lintOfNothingIsAnError() {
    Run run = run("lint", folder.resolve("nowhere"));

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("nowhere");
  }

  @Test
  void explainNamesTheRuleThatDecides() throws IOException {
    Path policy = policy(DOCUMENTS);

    Run orders = run("explain", "--policy", policy, "--from", "orders", "--to", "pay");
    Run intruder = run("explain", "--policy", policy, "--from", "intruder", "--to", "pay:80");

    assertThat(orders.exit()).isZero();
    assertThat(orders.out())
        .contains("100%", "forward to default/pay", "allowed by", "only-orders");
    assertThat(intruder.out()).contains("DENIED by", "only-orders");
  }

  @Test
  void explainTellsWhatIsNotInTheMesh() throws IOException {
    Run run = run("explain", "--policy", policy(DOCUMENTS), "--from", "a", "--to", "example.org");

    assertThat(run.out()).contains("pass through");
  }

  @Test
  void tokensAreMadeListedAndRevokedWithoutAServer() {
    Path state = folder.resolve("state");

    Run created =
        run("token", "create", "--init", "--state", state, "--service", "pay", "--uses", 2);
    assertThat(created.exit()).isZero();
    assertThat(created.out()).matches("weft1\\.[0-9a-f]{8}\\.[0-9a-f]{32}\\.[\\w-]{43}\\R");
    String id = created.out().split("\\.")[1];
    String secret = created.out().split("\\.")[2];
    assertThat(run("token", "list", "--state", state).out())
        .contains(id, "pay", "2 of 2")
        .doesNotContain(secret);
    assertThat(run("token", "revoke", "--state", state, id).exit()).isZero();
    assertThat(run("token", "list", "--state", state).out()).contains("revoked");
    assertThat(run("token", "revoke", "--state", state, "00000000").exit()).isEqualTo(1);
  }

  @Test
  void aTokenIsNotMadeForAnAuthorityThatIsNotThere() {
    Path state = folder.resolve("nobodys");

    Run run = run("token", "create", "--state", state, "--service", "pay");

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("nobodys", "start the server first");
    assertThat(state.resolve("ca")).doesNotExist();
  }

  @Test
  void aTokenIsMadeForTheAuthorityOfAServer() throws IOException {
    try (TestServer server = TestServer.in(folder)) {
      Run run =
          run("token", "create", "--state", server.state(), "--service", "pay", "--label", "app=x");

      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(run.out()).startsWith("weft1.");
    }
  }

  @Test
  void aStateFolderThatCannotBeIsSaidInASentence() {
    Run run = run("server", "--policy", folder, "--state", "/proc/x", "--listen", "127.0.0.1:0");

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).containsPattern("weft: cannot use /proc/x: \\w+ \\w+");
  }

  @Test
  void impossibleTokensAreRefused() {
    Path state = folder.resolve("state");

    assertThat(run("token", "create", "--state", state, "--service", "a b").exit()).isEqualTo(2);
    assertThat(run("token", "create", "--state", state, "--service", "a", "--uses", 0).exit())
        .isEqualTo(2);
    assertThat(run("token", "create", "--state", state, "--service", "a", "--ttl", "1y").exit())
        .isEqualTo(2);
    assertThat(
            run("token", "create", "--state", state, "--service", "a", "--namespace", "weft")
                .exit())
        .isEqualTo(2);
  }

  @Test
  void commandsFindTheServerByItsStateFolder() throws IOException {
    try (TestServer server = TestServer.in(folder)) {
      Run status = run("status", "--state", server.state());
      Run json = run("status", "--state", server.state(), "--format", "json");
      Run check = run("check", "--state", server.state());
      Run certs = run("certs", "--state", server.state());

      Run lint = run("lint", "--state", server.state());

      assertThat(lint.exit()).as(lint.err()).isZero();
      assertThat(lint.err()).startsWith("0 documents in force: 0 errors");
      assertThat(status.exit()).as(status.err()).isZero();
      assertThat(status.out()).contains("trust domain cluster.local", "0 documents", "no agents");
      assertThat(json.out()).contains("\"trustDomain\" : \"cluster.local\"");
      assertThat(check.exit()).as(check.out()).isZero();
      assertThat(certs.out()).contains("root", "spiffe://cluster.local/ns/weft/sa/config-server");
      assertThat(run("explain", "--state", server.state(), "--from", "a", "--to", "b").exit())
          .isZero();
    }
  }

  @Test
  void aServerThatIsGoneIsSaidInASentence() throws IOException {
    Path state;
    try (TestServer server = TestServer.in(folder)) {
      state = server.state();
    }

    Run status = run("status", "--state", state);
    Run check = run("check", "--state", state);

    assertThat(status.exit()).isEqualTo(1);
    assertThat(status.err()).startsWith("weft: no answer from the server at https://127.0.0.1");
    assertThat(check.exit()).isEqualTo(1);
    assertThat(check.out()).contains("FAIL  server answers");
  }

  @Test
  void aServerOfAnotherMeshIsNotTrusted(@TempDir Path elsewhere) throws IOException {
    try (TestServer server = TestServer.in(folder);
        TestServer other = TestServer.in(elsewhere)) {
      Run run = run("status", "--state", server.state(), "--server", other.uri());

      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains("not of this mesh");
    }
  }

  @Test
  void waitingForAgentsThatDoNotComeEndsWithOne() throws IOException {
    try (TestServer server = TestServer.in(folder)) {
      Run run = run("status", "--state", server.state(), "--wait", "--timeout", "300ms");

      assertThat(run.exit()).isEqualTo(1);
    }
  }

  @Test
  void operatorTokensAreMadeListedAndRevokedWithoutAServer() {
    Path state = folder.resolve("state");

    Run created = run("operator", "token", "create", "--state", state, "--name", "ci");
    Run again = run("operator", "token", "create", "--state", state, "--name", "ci");

    assertThat(created.exit()).isZero();
    assertThat(created.out()).matches("weftop1\\.[0-9a-f]{8}\\.[0-9a-f]{32}\\R");
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err()).contains("has the name ci already");
    assertThat(run("operator", "token", "list", "--state", state).out())
        .contains("ci", "viewer", "29d 23h left", "never")
        .doesNotContain(created.out().split("\\.")[2].strip());
    assertThat(run("operator", "token", "revoke", "--state", state, "ci").exit()).isZero();
    assertThat(run("operator", "token", "revoke", "--state", state, "ci").exit()).isEqualTo(1);
    assertThat(run("operator", "token", "list", "--state", state).out()).contains("revoked");
  }

  @Test
  void impossibleOperatorTokensAreRefused() {
    Path state = folder.resolve("state");

    assertThat(run("operator", "token", "create", "--state", state).exit()).isEqualTo(2);
    Run role = run("operator", "token", "create", "--state", state, "--name", "a", "--role", "b");
    assertThat(role.exit()).isEqualTo(2);
    assertThat(role.err()).contains("expected viewer or operator");
    assertThat(run("operator", "token", "create", "--state", state, "--name", "A B").exit())
        .isEqualTo(2);
    assertThat(run("server", "--policy", folder, "--log-format", "xml").exit()).isEqualTo(2);
  }

  @Test
  void optionsOfTheServerComeFromEnvironmentThenFile() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("server.yaml"), "policy: from-file\nlisten: 127.0.0.1:1\n");
    ServerDefaults defaults =
        new ServerDefaults(
            Map.of("WEFT_SERVER_POLICY", "from-environment", "WEFT_SERVER_SVID_TTL", "1h"),
            "server",
            "--config",
            file.toString());
    CommandLine line = new CommandLine(new ServerCommand()).setDefaultValueProvider(defaults);
    line.registerConverter(Duration.class, Durations::parse);
    CommandLine.ParseResult parsed = line.parseArgs("--config", file.toString());

    assertThat(line.getCommandSpec().findOption("--policy").<Path>getValue())
        .isEqualTo(Path.of("from-environment"));
    assertThat(line.getCommandSpec().findOption("--listen").<String>getValue())
        .isEqualTo("127.0.0.1:1");
    assertThat(parsed.errors()).isEmpty();
  }

  @Test
  void anUnknownKeyInTheServersFileIsAnError() throws IOException {
    Path file = Files.writeString(folder.resolve("server.yaml"), "polizy: x\n");

    Run run = run("server", "--config", file);

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("polizy").contains("policy");
  }

  @Test
  void impossibleServerOptionsAreRefused() {
    assertThat(run("server").exit()).isEqualTo(2);
    assertThat(run("server", "--policy", folder, "--listen", "nonsense").exit()).isEqualTo(2);
    assertThat(run("server", "--policy", folder, "--trust-domain", "Not_Ok!").exit()).isEqualTo(2);
    assertThat(run("server", "--policy", folder, "--ca-cert", "x").exit()).isEqualTo(2);
    Run missing =
        run(
            "server",
            "--policy",
            folder.resolve("nowhere"),
            "--state",
            folder.resolve("state"),
            "--listen",
            "127.0.0.1:0");
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.err()).contains("nowhere does not exist");
  }

  @Test
  void withoutACommandThereIsUsage() {
    assertThat(run().exit()).isEqualTo(2);
    assertThat(run("--help").out()).contains("server", "lint", "demo");
    assertThat(run("--version").out()).startsWith("weft ");
  }

  @Test
  void durationsAreReadAsPeopleWriteThem() {
    assertThat(Durations.parse("1h30m")).isEqualTo(Duration.ofMinutes(90));
    assertThat(Durations.parse("7d")).isEqualTo(Duration.ofDays(7));
    assertThat(Durations.parse("500ms")).isEqualTo(Duration.ofMillis(500));
    for (String wrong : new String[] {"", "0s", "5", "h", "1h!", "-1s"}) {
      assertThatThrownBy(() -> Durations.parse(wrong))
          .as(wrong)
          .isInstanceOf(TypeConversionException.class);
    }
    assertThat(Durations.text(86_400 * 3 + 3600)).isEqualTo("3d 1h");
    assertThat(Durations.text(-1)).isEqualTo("expired");
  }

  @Test
  void plaintextIsCountedInBothFormsOfAReport() {
    assertThat(StatusCommand.Plaintext.share(Map.of("mtls", 3, "plaintext", 1))).isEqualTo("25%");
    assertThat(
            StatusCommand.Plaintext.share(
                List.of(Map.of("mtls", true, "count", 1), Map.of("mtls", false, "count", 1))))
        .isEqualTo("50%");
    assertThat(StatusCommand.Plaintext.share(null)).isEqualTo("-");
  }
}
