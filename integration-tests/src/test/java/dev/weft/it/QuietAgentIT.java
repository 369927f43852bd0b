package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where there is nothing to do for the agent, nobody notices that it is there. */
@OnEachJdk
class QuietAgentIT {
  private static final String AGENT = "-javaagent:" + Built.JARS.agent();

  private final Jdk jdk;

  @TempDir private Path temp;

  QuietAgentIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void versionIsPrintedAsWithoutTheAgent() throws Exception {
    Outcome with = run(Map.of(), "java", AGENT, "-version");

    assertThat(with).isEqualTo(run(Map.of(), "java", "-version"));
    assertThat(with.exit()).isZero();
  }

  @Test
  void aToolOfTheJdkRunsAsWithoutTheAgent() throws Exception {
    Outcome with = run(Map.of("JAVA_TOOL_OPTIONS", AGENT), "keytool", "-help");
    Outcome without = run(Map.of(), "keytool", "-help");

    assertThat(with.exit()).isEqualTo(without.exit());
    assertThat(with.stdout()).isEqualTo(without.stdout());
    // The JVM itself announces the variable; the agent adds nothing to that.
    assertThat(withoutAnnouncement(with.stderr())).isEqualTo(without.stderr());
  }

  @Test
  void aToolOfTheJdkIsLeftAloneWhereTheMeshIsConfigured() throws Exception {
    Outcome with =
        run(
            Map.of(
                "JAVA_TOOL_OPTIONS", AGENT,
                "WEFT_SERVER", "https://127.0.0.1:1",
                "WEFT_TOKEN", "no token at all"),
            "keytool",
            "-help");
    Outcome without = run(Map.of(), "keytool", "-help");

    assertThat(with.exit()).isEqualTo(without.exit());
    assertThat(with.stdout()).isEqualTo(without.stdout());
    assertThat(withoutAnnouncement(with.stderr())).isEqualTo(without.stderr());
  }

  @Test
  void helloWorldWithoutConfigurationRunsAsWithoutTheAgent() throws Exception {
    Outcome with = run(Map.of(), "java", AGENT, "-cp", Built.programs(), "app.Hello");

    assertThat(with).isEqualTo(run(Map.of(), "java", "-cp", Built.programs(), "app.Hello"));
    assertThat(with).isEqualTo(new Outcome(3, "hello, world\n", "hello, trouble\n"));
  }

  @Test
  void aDisabledAgentDoesNothing() throws Exception {
    Outcome with =
        run(
            Map.of("WEFT_ENABLED", "false", "WEFT_SERVER", "https://127.0.0.1:1"),
            "java",
            AGENT,
            "-cp",
            Built.programs(),
            "app.Hello");

    assertThat(with).isEqualTo(new Outcome(3, "hello, world\n", "hello, trouble\n"));
  }

  private record Outcome(int exit, String stdout, String stderr) {}

  private Outcome run(Map<String, String> environment, String tool, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(jdk.tool(tool).toString());
    command.addAll(Arrays.asList(arguments));
    Path out = Files.createTempFile(temp, "out", "");
    Path err = Files.createTempFile(temp, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ended", command).isTrue();
    return new Outcome(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private static String withoutAnnouncement(String stderr) {
    return stderr.replaceFirst("Picked up JAVA_TOOL_OPTIONS: [^\n]*\n", "");
  }
}
