package dev.weft.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.server.TestServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DiffCommandTest {
  private static final String DOCUMENTS =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: pay}
      spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8080}]}
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: strict}
      spec: {mtls: {mode: STRICT}}
      """;

  @TempDir Path folder;
  private Path old = Path.of("");
  private Path same = Path.of("");
  private Path other = Path.of("");

  @BeforeEach
  void write() throws IOException {
    old = Files.createDirectory(folder.resolve("old"));
    Files.writeString(old.resolve("a.yaml"), DOCUMENTS);
    same = Files.writeString(folder.resolve("same.yaml"), "# moved\n" + DOCUMENTS);
    other =
        Files.writeString(
            folder.resolve("new.yaml"), DOCUMENTS.replace("mode: STRICT", "mode: PERMISSIVE"));
  }

  private record Run(int exit, String out, String err) {}

  private static Run diff(Object... arguments) {
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new DiffCommand());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return new Run(line.execute(texts), out.toString(), err.toString());
  }

  @Test
  void nothingIsSaidWhereNothingChanges() {
    Run run = diff(old, same, "--exit-code");

    assertThat(run.exit()).isZero();
    assertThat(run.out()).isEmpty();
  }

  @Test
  void aChangeIsSaidAndFailsOnDemandOnly() {
    assertThat(diff(old, other).exit()).isZero();
    assertThat(diff(old, other, "--exit-code").exit()).isEqualTo(1);
    assertThat(diff(old, other).out())
        .isEqualTo(
            """
            default/pay
              RISK  port 8080 goes from STRICT to PERMISSIVE (PeerAuthentication default/strict): \
            plaintext callers are accepted again
            """);
  }

  @Test
  void programsReadJson() {
    assertThat(diff(old, other, "--format", "json").out())
        .contains("\"risks\" : 1", "\"subject\" : \"default/pay\"", "\"risk\" : true");
  }

  @Test
  void refusedDocumentsAreSaid() throws IOException {
    Path broken = Files.writeString(folder.resolve("b.yaml"), DOCUMENTS.replace("spec", "speck"));

    assertThat(diff(old, broken).err()).contains("2 of the documents", "refused");
  }

  @Test
  void aRunningServerSaysWhatWouldChange() throws Exception {
    try (TestServer server = TestServer.in(folder)) {
      server.write("a.yaml", DOCUMENTS);
      await().until(() -> server.status().contains("\"documents\":2"));

      Run change = diff(other, "--state", server.state(), "--exit-code");
      Run none = diff(same, "--state", server.state(), "--exit-code");

      assertThat(change.err()).isEmpty();
      assertThat(change.out()).isEqualTo(diff(old, other).out());
      assertThat(change.exit()).isEqualTo(1);
      assertThat(none.out()).isEmpty();
      assertThat(none.exit()).isZero();
      assertThat(diff(other, "--state", server.state(), "--format", "json").out())
          .contains("\"risks\" : 1", "\"subject\" : \"default/pay\"");
      assertThat(server.status()).as("nothing is put in force").contains("\"generation\":2");
    }
  }

  @Test
  void whatIsBrokenStaysInForceAtARunningServer() throws Exception {
    try (TestServer server = TestServer.in(folder)) {
      server.write("a.yaml", DOCUMENTS);
      await().until(() -> server.status().contains("\"documents\":2"));
      Path broken = Files.createDirectory(folder.resolve("broken"));
      Files.writeString(broken.resolve("a.yaml"), DOCUMENTS.replace("mode: STRICT", "mode: MAYBE"));
      Path gone = Files.createDirectory(folder.resolve("gone"));
      Files.writeString(gone.resolve("a.yaml"), DOCUMENTS.substring(0, DOCUMENTS.indexOf("---")));

      Run run = diff(broken, "--state", server.state(), "--exit-code");

      assertThat(run.out()).isEmpty();
      assertThat(run.err()).contains("1 of the documents", "the last good version stays");
      assertThat(run.exit()).isZero();
      assertThat(diff(gone, "--state", server.state()).out())
          .contains("RISK", "goes from STRICT to PERMISSIVE");
    }
  }

  @Test
  void whereNoServerIsItIsSaid() {
    Run run = diff(other, "--state", folder.resolve("nowhere"));

    assertThat(run.exit()).isEqualTo(1);
  }
}
