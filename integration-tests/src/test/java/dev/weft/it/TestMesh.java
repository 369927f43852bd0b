package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import dev.weft.server.demo.Shop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A mesh for one story: a {@link LocalMesh} whose processes are judged at the end. It fails the
 * story when a process complained that nobody expected to, or did not end when its work did.
 *
 * <p>Its folder, with what every process printed, is {@code target/stories/<story>-<n>}.
 */
final class TestMesh implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration REST = Duration.ofMillis(10);
  private static final AtomicInteger STORIES = new AtomicInteger();

  private final LocalMesh mesh;
  private final Set<String> mayComplain = new HashSet<>();

  private TestMesh(LocalMesh mesh) {
    this.mesh = mesh;
  }

  /** A mesh with these documents whose config server is not running yet. */
  static TestMesh withoutServer(
      String story, Jdk jdk, Map<String, String> documents, String... serverOptions)
      throws IOException {
    Path folder =
        Built.stories().resolve(story + "-" + jdk.feature() + "-" + STORIES.incrementAndGet());
    deleteAll(folder);
    Path documentsFolder = Files.createDirectories(folder.resolve("given"));
    for (Map.Entry<String, String> document : documents.entrySet()) {
      Files.writeString(documentsFolder.resolve(document.getKey()), document.getValue());
    }
    return new TestMesh(
        LocalMesh.in(
            folder, Built.JARS, jdk.javaOfMesh(), documentsFolder, List.of(serverOptions)));
  }

  /** A mesh with these documents. */
  static TestMesh start(
      String story, Jdk jdk, Map<String, String> documents, String... serverOptions)
      throws IOException, InterruptedException {
    TestMesh mesh = withoutServer(story, jdk, documents, serverOptions);
    mesh.local().startServer();
    return mesh;
  }

  /** A mesh with the shop's documents, and the shop in it. */
  static Shop startShop(TestMesh mesh) throws IOException, InterruptedException {
    return Shop.start(mesh.local(), Built.JARS);
  }

  /** The shop's documents. */
  static Map<String, String> shopDocuments() throws IOException {
    try (var files = Files.list(Built.JARS.shopPolicy())) {
      Map<String, String> documents = new java.util.TreeMap<>();
      for (Path file : files.toList()) {
        documents.put(file.getFileName().toString(), Files.readString(file));
      }
      return documents;
    }
  }

  /** The mesh itself. */
  LocalMesh local() {
    return mesh;
  }

  /** A server program of the package {@code app}. */
  static Program server(String service, String mainClass) {
    return Program.of(service, List.of("-cp", Built.programs(), mainClass));
  }

  /** A client program whose library is {@code stack}; see {@code app.Probe}. */
  static Program probe(String service, String stack) {
    return Program.of(service, List.of("-cp", Built.programs(), "app.Probe"))
        .with(Map.of("STACK", stack));
  }

  /** Starts a server and waits until it listens. */
  Child serve(Program program) throws IOException, InterruptedException {
    Child child = mesh.run(program);
    LocalMesh.address(child);
    return child;
  }

  /** Starts a client. */
  Client call(Program program) throws IOException, InterruptedException {
    return ready(mesh.run(program));
  }

  /** A client that has been started. */
  static Client ready(Child child) throws InterruptedException {
    child.awaitLine("ready", PATIENCE);
    return new Client(child);
  }

  /**
   * Keeps calling while a story takes its time. Some hundred requests a second notice whatever goes
   * wrong for longer than a moment; as many as the machine can do would slow every other story.
   */
  static Load keepCalling(Client client, String url, int callers, String... headers) {
    return Load.start(REST, client, url, callers, headers);
  }

  /** {@code weft ERROR} and {@code weft WARN} lines of this process are part of the story. */
  Child expectComplaints(Child child) {
    mayComplain.add(child.name());
    return child;
  }

  /** Waits until the assertion no longer fails. */
  static void eventually(ThrowingRunnable assertion) {
    Awaitility.await().atMost(PATIENCE).untilAsserted(assertion::run);
  }

  /** Waits for a value that is as the assertion wants it. */
  static <T> T eventually(Callable<T> look, java.util.function.Predicate<T> wanted) {
    return Awaitility.await().atMost(PATIENCE).until(look, wanted);
  }

  /** Something that may fail as calls do. */
  interface ThrowingRunnable {
    void run() throws Exception;
  }

  /** Ends every process and judges what they left. */
  @Override
  public void close() {
    List<Child> children = mesh.children();
    try {
      for (Child child : children) {
        if (child.alive() && child.stdout().contains("ready")) {
          endsWithItsInput(child);
        }
      }
    } finally {
      mesh.close();
    }
    for (Child child : children) {
      assertThat(child.alive()).as("%s still runs", child.name()).isFalse();
      if (!mayComplain.contains(child.name())) {
        assertThat(child.stderr().lines())
            .as("what %s complained about (logs: %s)", child.name(), mesh.logs())
            .noneMatch(line -> line.contains("weft ERROR"));
      }
    }
  }

  /** A client has nothing to do without input: what keeps it running then is a thread of ours. */
  private static void endsWithItsInput(Child client) {
    try {
      client.stdin().close();
      assertThat(client.awaitExit(PATIENCE)).as("exit code of %s", client.name()).isZero();
    } catch (IOException e) {
      throw new AssertionError(client.name() + " was gone before its input ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
