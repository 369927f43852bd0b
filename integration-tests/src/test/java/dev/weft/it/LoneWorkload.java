package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.SpiffeId;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.IssuedSvid;
import dev.weft.server.authority.Pem;
import dev.weft.server.demo.Child;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A JVM under the agent that needs no config server, so it starts in a moment: its identity comes
 * from files, its policy from a folder. Every connection to 127.0.0.1 is one of the mesh; there is
 * nobody else in it.
 */
final class LoneWorkload {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path folder;
  private final Map<String, String> environment;

  private LoneWorkload(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /** One whose files lie in {@code target/stories/<story>}; they stay until {@code mvn clean}. */
  static LoneWorkload of(String story, Jdk jdk) throws IOException, GeneralSecurityException {
    Path folder = Built.stories().resolve(story + "-" + jdk.feature());
    Files.createDirectories(folder.resolve("policy"));
    Files.writeString(folder.resolve("policy/mesh.yaml"), Documents.STRICT_MACHINE);

    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    CertificateAuthority authority =
        CertificateAuthority.embedded(
            StateFolder.open(folder.resolve("authority")),
            new SecureRandom(),
            InstantSource.system());
    IssuedSvid svid =
        authority.issue(
            SpiffeId.parse("spiffe://cluster.local/ns/default/sa/lone"),
            "lone",
            keys.getPublic(),
            Duration.ofHours(24));
    Files.writeString(folder.resolve("cert.pem"), pem(svid.chain()));
    Files.writeString(folder.resolve("bundle.pem"), pem(authority.bundle()));
    Files.writeString(
        folder.resolve("key.pem"),
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(keys.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    return new LoneWorkload(folder, Map.of());
  }

  private static String pem(List<X509Certificate> certificates) {
    return certificates.stream().map(Pem::of).collect(Collectors.joining());
  }

  /** The same with these environment variables. */
  LoneWorkload with(Map<String, String> variables) {
    return new LoneWorkload(folder, variables);
  }

  /** Its folder. */
  Path folder() {
    return folder;
  }

  /** What makes a JVM this workload, its agent included. */
  List<String> options() {
    List<String> options = new ArrayList<>(settings());
    options.add("-javaagent:" + Built.JARS.agent());
    return options;
  }

  /** What the agent is told. */
  List<String> settings() {
    return List.of(
        "-Dweft.service=lone",
        "-Dweft.startup.wait=60s",
        "-Dweft.policy=" + folder.resolve("policy"),
        "-Dweft.identity.cert=" + folder.resolve("cert.pem"),
        "-Dweft.identity.key=" + folder.resolve("key.pem"),
        "-Dweft.identity.bundle=" + folder.resolve("bundle.pem"));
  }

  /** {@code java} of {@code jdk} with the agent and these arguments. */
  Child run(String name, Jdk jdk, List<String> arguments) throws IOException {
    List<String> command = jdk.launcher();
    command.addAll(options());
    command.addAll(arguments);
    return start(name, command);
  }

  /**
   * {@code java} of {@code jdk} with the agent, these JVM options, and a program of {@code app}.
   */
  Child play(String program, Jdk jdk, String... jvmOptions) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(jvmOptions));
    arguments.addAll(List.of("-cp", Built.programs(), "app." + program));
    return run(program + "-" + COUNT.incrementAndGet(), jdk, arguments);
  }

  /** Waits for a program's last line, {@code done}; every line before it must end with " ok". */
  static void assertHeld(Child program) throws InterruptedException {
    try {
      program.awaitLine("done", PATIENCE);
    } catch (IllegalStateException e) {
      program.kill();
      throw e;
    }
    assertThat(program.stdout())
        .as("what went wrong (see the process's own log for more)")
        .filteredOn(line -> !line.startsWith("OpenJDK ")) // warnings of the virtual machine
        .allMatch(line -> line.endsWith(" ok") || line.startsWith("seen ") || line.equals("done"));
  }

  /** Any command, whose output goes into the story's folder. */
  Child start(String name, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(LoneWorkload::isOfWhoeverBuilds);
    builder.environment().putAll(environment);
    return Child.start(name, builder, Files.createDirectories(folder.resolve("logs")));
  }

  private static boolean isOfWhoeverBuilds(String variable) {
    return variable.equals("JAVA_TOOL_OPTIONS")
        || variable.equals("JDK_JAVA_OPTIONS")
        || variable.startsWith("WEFT_")
        || variable.startsWith("OTEL_");
  }
}
