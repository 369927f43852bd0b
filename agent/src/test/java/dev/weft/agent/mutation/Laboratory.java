package dev.weft.agent.mutation;

import dev.weft.agent.identity.Identity;
import dev.weft.agent.identity.TestAuthority;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles mutants and runs tests in JVMs of their own. */
final class Laboratory {
  /** What became of a test. */
  enum Verdict {
    GREEN,
    RED,
    /** It did not end; a test that hangs has found something too. */
    TIMEOUT
  }

  private static final String SOURCES = "/src/main/java/";
  private static final String BRIDGE = "bootstrap/";
  private static final String AGENT_JAR = "agent/target/weft-agent.jar";

  /** All tests of a module, without a mutant. */
  private static final int MANY_SECONDS = 600;

  private static final int ONE_SECONDS = 90;

  private final Path root;
  private final Path work;
  private final String classPath = System.getProperty("java.class.path");

  Laboratory(Path root) throws IOException {
    this.root = root;
    this.work = Files.createDirectories(root.resolve("agent/target/mutation"));
  }

  /** Runs tests of one module, or stories of one program, on the code as it is. */
  Verdict unchanged(List<Mutant> mutants) throws IOException, InterruptedException {
    Mutant any = mutants.get(0);
    Set<String> tests = new LinkedHashSet<>();
    mutants.forEach(mutant -> tests.add(any.story() ? mutant.testMethod() : mutant.test()));
    String where = any.story() ? any.testClass() : any.module();
    Path output = work.resolve("unchanged-" + where.replace('/', '-') + ".txt");
    return any.story()
        ? story(any.testClass(), tests, root.resolve(AGENT_JAR), output, MANY_SECONDS)
        : test(any.module(), tests, "", output, MANY_SECONDS);
  }

  /** Runs the mutant's test on the mutant. */
  Verdict changed(Mutant mutant) throws IOException, InterruptedException {
    Path classes = compile(mutant);
    Path output = work.resolve(mutant.name()).resolve("output.txt");
    return mutant.story()
        ? story(
            mutant.testClass(),
            Set.of(mutant.testMethod()),
            agentWith(classes, mutant),
            output,
            ONE_SECONDS)
        : test(
            mutant.module(),
            Set.of(mutant.test()),
            classes + File.pathSeparator,
            output,
            ONE_SECONDS);
  }

  /** The mutant's classes, alone in a folder. */
  private Path compile(Mutant mutant) throws IOException {
    Path folder = work.resolve(mutant.name());
    empty(folder);
    int sources = mutant.file().indexOf(SOURCES);
    Path source =
        folder.resolve("source").resolve(mutant.file().substring(sources + SOURCES.length()));
    Files.createDirectories(source.getParent());
    Files.writeString(source, mutant.applyTo(Files.readString(root.resolve(mutant.file()))));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of("-nowarn", "-proc:none", "-cp", classPath, "-d", classes.toString());
      boolean compiled =
          compiler
              .getTask(null, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      if (!compiled) {
        throw new IllegalStateException(mutant.name() + " does not compile");
      }
    }
    return classes;
  }

  private Verdict test(String module, Set<String> tests, String first, Path output, int seconds)
      throws IOException, InterruptedException {
    // Our own comes last: the launcher is there.
    String modules = Files.readString(root.resolve(module).resolve("target/test.classpath"));
    String classes = first + modules + File.pathSeparator + classPath;
    List<String> command = new ArrayList<>(List.of(java(), "-cp", classes));
    // What the modules' tests get from surefire: tests of adapters weave their own JVM.
    command.addAll(List.of("-XX:+EnableDynamicAgentLoading", "-Djdk.attach.allowAttachSelf=true"));
    command.addAll(List.of(System.getProperty("weft.test.options", "").trim().split("\\s+")));
    command.removeIf(String::isEmpty);
    command.add(Runner.class.getName());
    command.addAll(tests);
    return run(command, Set.of(), output, seconds);
  }

  /** Stories of a program in a JVM whose every local connection is of the mesh. */
  private Verdict story(String program, Set<String> stories, Path agent, Path output, int seconds)
      throws IOException, InterruptedException {
    Path mesh = mesh();
    List<String> command =
        new ArrayList<>(
            List.of(
                java(),
                "-javaagent:" + agent,
                "-Dweft.service=mutant",
                "-Dweft.startup.wait=60s",
                "-Dweft.policy=" + mesh.resolve("policy"),
                "-Dweft.identity.cert=" + mesh.resolve("cert.pem"),
                "-Dweft.identity.key=" + mesh.resolve("key.pem"),
                "-Dweft.identity.bundle=" + mesh.resolve("bundle.pem"),
                "-cp",
                program(program).toString(),
                program));
    command.addAll(stories);
    Set<String> lines =
        stories.stream().map(story -> story + " ok").collect(Collectors.toUnmodifiableSet());
    return run(command, lines, output, seconds);
  }

  /**
   * Runs a JVM.
   *
   * @param lines what it must print
   */
  private static Verdict run(List<String> command, Set<String> lines, Path output, int seconds)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      return Verdict.TIMEOUT;
    }
    boolean good = process.exitValue() == 0 && Files.readAllLines(output).containsAll(lines);
    return good ? Verdict.GREEN : Verdict.RED;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * The agent's jar with the mutant's classes in the place of the good ones. They are as compiled:
   * none of them may use a library that the jar has under another name.
   */
  private Path agentWith(Path classes, Mutant mutant) throws IOException {
    Path jar = work.resolve(mutant.name()).resolve("weft-agent.jar");
    Files.copy(root.resolve(AGENT_JAR), jar, StandardCopyOption.REPLACE_EXISTING);
    boolean bridge = mutant.file().startsWith(BRIDGE);
    try (FileSystem inJar = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of());
        var files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = classes.relativize(file).toString();
        Path entry =
            bridge
                ? inJar.getPath(name)
                : inJar.getPath("inst", name.replaceAll("\\.class$", ".classdata"));
        Files.copy(file, entry, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return jar;
  }

  /** Compiles a program of the integration tests that needs nothing but the JDK. */
  private Path program(String name) throws IOException {
    Path classes = Files.createDirectories(work.resolve("programs"));
    Path source =
        root.resolve("integration-tests/src/test/java").resolve(name.replace('.', '/') + ".java");
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-nowarn", "-d", classes.toString(), source.toString());
    if (failed != 0) {
      throw new IOException("cannot compile " + source);
    }
    return classes;
  }

  /** Policy and identity of a mesh of one. */
  private Path mesh() throws IOException {
    Path mesh = Files.createDirectories(work.resolve("mesh/policy")).getParent();
    if (!Files.exists(mesh.resolve("bundle.pem"))) {
      Files.writeString(
          mesh.resolve("policy/mesh.yaml"),
          """
          apiVersion: weft.dev/v1alpha1
          kind: MeshConfig
          metadata:
            name: mesh
          spec:
            mtls:
              mode: STRICT
              meshNetworks: [127.0.0.1/32]
          """);
      Identity identity =
          TestAuthority.create().identity("spiffe://cluster.local/ns/default/sa/mutant");
      try {
        pem(mesh.resolve("key.pem"), "PRIVATE KEY", identity.key().getEncoded());
        pem(mesh.resolve("cert.pem"), "CERTIFICATE", identity.leaf().getEncoded());
        pem(mesh.resolve("bundle.pem"), "CERTIFICATE", identity.bundle().get(0).getEncoded());
      } catch (CertificateEncodingException e) {
        throw new IOException(e);
      }
    }
    return mesh;
  }

  private static void pem(Path file, String type, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
  }

  private static void empty(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(folder);
  }
}
