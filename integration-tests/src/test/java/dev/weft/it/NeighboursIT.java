package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** What else lives in a JVM, or limits it, and the agent get on with each other. */
@OnEachJdk
class NeighboursIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Parameter private Jdk jdk;

  // ---- other agents ----

  @Test
  void anAgentThatRetransformsTheSocketsAfterUsKeepsOurWeaving() throws Exception {
    LoneWorkload lone = LoneWorkload.of("retransformed-after", jdk);

    LoneWorkload.assertHeld(
        lone.run(
            "after",
            jdk,
            List.of(
                "-javaagent:" + retransformer(lone.folder()),
                "-cp",
                Built.programs(),
                "app.Meshed",
                "app.Retransformer")));
  }

  @Test
  void anAgentThatRetransformsTheSocketsBeforeUsKeepsOurWeaving() throws Exception {
    LoneWorkload lone = LoneWorkload.of("retransformed-before", jdk);
    List<String> command = jdk.launcher();
    command.add("-javaagent:" + retransformer(lone.folder()));
    command.addAll(lone.options());
    command.addAll(List.of("-cp", Built.programs(), "app.Meshed", "app.Retransformer"));

    LoneWorkload.assertHeld(lone.start("before", command));
  }

  @Test
  void theAgentsOfOpenTelemetryAndJacocoWorkBeforeAndAfterUs() throws Exception {
    LoneWorkload lone = LoneWorkload.of("agents", jdk);
    List<String> others =
        List.of(
            "-javaagent:" + agent("opentelemetry-javaagent"),
            "-Dotel.traces.exporter=none",
            "-Dotel.metrics.exporter=none",
            "-Dotel.logs.exporter=none",
            "-javaagent:" + agent("org.jacoco.agent") + "=output=none");
    List<String> program = List.of("-cp", Built.programs(), "app.Meshed");
    for (List<List<String>> order :
        List.of(
            List.of(others, lone.options(), program), List.of(lone.options(), others, program))) {
      List<String> command = jdk.launcher();
      order.forEach(command::addAll);
      LoneWorkload.assertHeld(lone.start("agents-" + order.indexOf(others), command));
    }
  }

  /** An agent whose only class is on the class path already. */
  private static Path retransformer(Path folder) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", "app.Retransformer");
    attributes.putValue("Can-Retransform-Classes", "true");
    Path jar = folder.resolve("retransformer.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (String name : List.of("app/Retransformer.class", "app/Retransformer$1.class")) {
        out.putNextEntry(new ZipEntry(name));
        try (InputStream in = ClassLoader.getSystemResourceAsStream(name)) {
          in.transferTo(out);
        }
      }
    }
    return jar;
  }

  private static Path agent(String name) throws IOException {
    try (Stream<Path> files = Files.list(Built.agents())) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(name))
          .findFirst()
          .orElseThrow();
    }
  }

  // ---- the virtual machine's own ----

  @Test
  void anArchiveOfTheApplicationsClassesIsStillUsed() throws Exception {
    LoneWorkload lone = LoneWorkload.of("archive", jdk);
    Path archive = lone.folder().resolve("classes.jsa");
    Path jar = packed(lone.folder());
    List<String> record =
        List.of(
            jdk.tool("java").toString(),
            "-XX:ArchiveClassesAtExit=" + archive,
            "-cp",
            jar.toString(),
            "app.Hello");
    assertThat(lone.start("record", record).awaitExit(PATIENCE)).isEqualTo(3);

    Child hello =
        lone.run(
            "hello",
            jdk,
            List.of(
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:class+load",
                "-cp",
                jar.toString(),
                "app.Hello"));

    assertThat(hello.awaitExit(PATIENCE)).isEqualTo(3);
    assertThat(hello.stdout()).anyMatch(line -> line.endsWith("hello, world"));
    assertThat(hello.stdout())
        .anyMatch(line -> line.contains("app.Hello source: shared objects file"));
    assertThat(hello.stderr()).doesNotContain("warning");
  }

  /** An archive holds classes of jars only. */
  private static Path packed(Path folder) throws IOException {
    Path jar = folder.resolve("hello.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        InputStream in = ClassLoader.getSystemResourceAsStream("app/Hello.class")) {
      out.putNextEntry(new ZipEntry("app/Hello.class"));
      in.transferTo(out);
    }
    return jar;
  }

  @Test
  void aRuntimeOfThreeModulesIsEnough() throws Exception {
    LoneWorkload lone = LoneWorkload.of("image", jdk);
    Path image = lone.folder().resolve("image-" + System.nanoTime());
    List<String> link =
        List.of(
            jdk.tool("jlink").toString(),
            "--add-modules",
            "java.base,java.instrument,jdk.crypto.ec",
            "--output",
            image.toString());
    assertThat(lone.start("jlink", link).awaitExit(PATIENCE)).isZero();
    List<String> command = new ArrayList<>(List.of(image.resolve("bin/java").toString()));
    command.addAll(lone.options());
    command.addAll(List.of("-cp", Built.programs(), "app.Meshed"));

    LoneWorkload.assertHeld(lone.start("image", command));
  }

  @Test
  void littleMemoryOfEveryKindIsEnough() throws Exception {
    Child program =
        LoneWorkload.of("little-memory", jdk)
            .play(
                "Storm",
                jdk.withEveryCompiler(),
                "-Xmx64m",
                "-XX:+UseZGC",
                "-XX:MaxDirectMemorySize=8m");

    LoneWorkload.assertHeld(program);
  }

  @Test
  void anApplicationWithoutMemorySaysNothingInPlaintext() throws Exception {
    Child program = LoneWorkload.of("hungry", jdk).play("Hungry", jdk, "-Xmx48m");
    try (Relay relay = Relay.open(LocalMesh.address(program))) {
      program.stdin().write((relay.port() + "\n").getBytes(StandardCharsets.US_ASCII));
      program.stdin().flush();

      program.awaitLine("done", PATIENCE);

      assertThat(relay.connections()).isGreaterThan(1);
      assertThat(relay.seen()).doesNotContain("the-secret-of-the-hungry");
    }
  }

  // ---- the application's own ----

  @Test
  void aSecurityManagersPolicyNeedsNoLineForTheAgent() throws Exception {
    assumeTrue(jdk.feature() < 24, "JDK 24 has no security manager");
    LoneWorkload lone = LoneWorkload.of("policy", jdk);
    Path policy = lone.folder().resolve("app.policy");
    Files.writeString(
        policy,
        """
        grant {
          permission java.net.SocketPermission "*", "accept,connect,listen,resolve";
          permission java.lang.RuntimePermission "exitVM.0";
        };
        """);

    LoneWorkload.assertHeld(
        lone.play("Meshed", jdk, "-Djava.security.manager", "-Djava.security.policy==" + policy));
    LoneWorkload.assertHeld(
        lone.play("FirstUse", jdk, "-Djava.security.manager", "-Djava.security.policy==" + policy));
  }

  @Test
  void remoteObjectsAndRemoteManagementWorkOverTheMesh() throws Exception {
    LoneWorkload.assertHeld(LoneWorkload.of("remotes", jdk).play("Remotes", jdk));
  }

  @Test
  void childProcessesInheritNothingAndMayBeOfTheMeshThemselves() throws Exception {
    Child program =
        LoneWorkload.of("children", jdk)
            .with(Map.of("AGENT", Built.JARS.agent().toString()))
            .play("Children", jdk);

    LoneWorkload.assertHeld(program);
  }

  @Test
  void virtualThreadsAreNotPinnedAndNeedNoFreeCarrier() throws Exception {
    assumeTrue(jdk.feature() >= 24, "only since JDK 24 the JDK itself pins no thread here");
    Map<String, String> heavy =
        Map.of("CONNECTIONS", System.getProperty("weft.virtualConnections", "60"));
    Child program =
        LoneWorkload.of("virtual", jdk)
            .with(heavy)
            .play(
                "Pinning",
                jdk.withEveryCompiler(),
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1");

    LoneWorkload.assertHeld(program);
  }
}
