package dev.weft.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LintCommandTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: pay}
      spec: {selector: {app: pay}, ports: [{port: 80, targetPort: 8080}]}
      ---
      """;
  private static final String TWICE =
      SERVICE
          + """
          apiVersion: gateway.networking.k8s.io/v1
          kind: HTTPRoute
          metadata: {name: pay}
          spec:
            parentRefs: [{group: "", kind: Service, name: pay}]
            rules:
            - backendRefs: [{name: pay, port: 80}, {name: pay, port: 80}]
          """;

  @TempDir Path folder;

  private record Run(int exit, String out, String err) {}

  private static Run lint(String input, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        new CommandLine(
            new LintCommand(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8))));
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return new Run(line.execute(arguments), out.toString(), err.toString());
  }

  @Test
  void standardInputIsRead() {
    Run run = lint(TWICE, "-");

    assertThat(run.out())
        .isEqualToIgnoringNewLines(
            "-:12:42 WEFT094 default/pay:80 stands in line 12 already; its weights add up"
                + " (warning)");
    assertThat(run.err()).startsWith("2 documents in 1 file: 0 errors, 1 warning, 0 remarks");
  }

  @Test
  void warningsFailOnlyWhenStrict() {
    assertThat(lint(TWICE, "-").exit()).isZero();
    assertThat(lint(TWICE, "-", "--strict").exit()).isEqualTo(1);
    assertThat(lint(SERVICE, "-", "--strict").exit()).isZero();
  }

  @Test
  void whatCannotBeReadOrUnderstoodIsTwo() {
    assertThat(lint("", "/no/such/folder").exit()).isEqualTo(2);
    assertThat(lint("", "--state", folder.resolve("nobodys").toString()).exit()).isEqualTo(2);
    assertThat(lint("", "-", "--format", "xml").exit()).isEqualTo(2);
  }

  @Test
  void whatIsSuppressedIsCounted() {
    Run run =
        lint(
            TWICE.replace(
                "metadata: {name: pay}\nspec:\n",
                "metadata: {name: pay, annotations: {weft.dev/lint-ignore: WEFT094}}\nspec:\n"),
            "-",
            "--strict");

    assertThat(run.exit()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("0 warnings", "; 1 suppressed");
  }

  @Test
  void everyFormatNamesPlaceCodeAndLevel() {
    assertThat(lint(TWICE, "-", "--format", "github").out())
        .startsWith("::warning file=-,line=12,col=42,title=WEFT094::default/pay:80 stands");
    assertThat(lint(TWICE, "-", "--format", "sarif").out())
        .contains("\"ruleId\" : \"WEFT094\"", "\"startLine\" : 12", "\"level\" : \"warning\"");
    assertThat(lint(TWICE, "-", "--format", "json").out())
        .contains("\"code\" : \"WEFT094\"", "\"warnings\" : 1", "\"severity\" : \"WARNING\"");
  }

  @Test
  void severalFilesAreJudgedTogether() throws IOException {
    Path service = Files.writeString(folder.resolve("a.yaml"), SERVICE);
    Path route = Files.writeString(folder.resolve("b.yaml"), TWICE.substring(SERVICE.length()));

    assertThat(lint("", route.toString()).out()).contains("WEFT030");
    assertThat(lint("", route.toString(), service.toString()).out())
        .doesNotContain("WEFT030")
        .contains("b.yaml:7:42 WEFT094");
  }
}
