package dev.weft.server.demo;

import dev.weft.server.ConfigServer;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Pem;
import dev.weft.server.enroll.JoinTokens;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A mesh on this machine: the config server and programs under the agent, each in a process of its
 * own. Its folder holds {@code policy}, {@code state} and {@code logs}. Thread-safe but for
 * starting and stopping the server.
 */
public final class LocalMesh implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** How often a token may be used: once for each instance of a service. */
  private static final int TOKEN_USES = 100;

  private final Jars jars;
  private final Java java;
  private final Path folder;
  private final List<String> serverOptions;
  private final List<Child> children = new CopyOnWriteArrayList<>();
  private @Nullable Child server;
  private String listen = "127.0.0.1:0";
  private String dashboard = "127.0.0.1:0";

  private LocalMesh(Jars jars, Java java, Path folder, List<String> serverOptions) {
    this.jars = jars;
    this.java = java;
    this.folder = folder;
    this.serverOptions = serverOptions;
  }

  /**
   * Lays out the folder and starts nothing yet.
   *
   * @param java the JDK of every process
   * @param folder an empty folder
   * @param policy documents to begin with; they are copied
   * @param serverOptions further options of the command {@code server}
   */
  public static LocalMesh in(
      Path folder, Jars jars, Java java, Path policy, List<String> serverOptions)
      throws IOException {
    LocalMesh mesh = new LocalMesh(jars, java, folder, serverOptions);
    Files.createDirectories(mesh.logs());
    Files.createDirectories(mesh.policy());
    try (Stream<Path> documents = Files.list(policy)) {
      for (Path document : documents.toList()) {
        Files.copy(document, mesh.policy().resolve(String.valueOf(document.getFileName())));
      }
    }
    return mesh;
  }

  /** Starts the config server, on the ports it had before when it had any. */
  public void startServer() throws IOException, InterruptedException {
    startServerBy(List.of());
  }

  /**
   * Starts the config server, on the ports it had before when it had any.
   *
   * @param launcher a command that becomes the one after it: {@code setpriv ...}
   */
  public void startServerBy(List<String> launcher) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "server",
                "--policy",
                policy().toString(),
                "--state",
                state().toString(),
                "--listen",
                listen,
                "--dashboard",
                dashboard));
    command.addAll(serverOptions);
    ProcessBuilder java = java(ofServer(List.of(), command));
    java.command().addAll(0, launcher);
    Child started = Child.start("server-" + children.size(), java, logs());
    children.add(started);
    server = started;
    JsonNode address = Wait.until(PATIENCE, () -> announced(started), JsonNode::isObject);
    if (!address.isObject()) {
      throw new IllegalStateException("the config server did not start: " + started.stderr());
    }
    listen = authority(address.path("listen").asString());
    dashboard = authority(address.path("dashboard").asString());
  }

  /** What a running server says of itself in its state folder; missing until it is ready. */
  private JsonNode announced(Child started) throws IOException {
    boolean ended = !started.alive(); // before the look, or what it wrote last would be missed
    Path file = state().resolve(ConfigServer.ADDRESS_FILE);
    if (Files.exists(file)) {
      JsonNode address = JSON.readTree(Files.readString(file));
      if (address.path("pid").asLong() == started.pid()) {
        return address; // and not what a server before this one has left
      }
    }
    if (ended) {
      throw new IllegalStateException("the config server has ended: " + started.stderr());
    }
    return MissingNode.getInstance();
  }

  /** Kills the config server. */
  public void killServer() throws InterruptedException {
    Child running = server;
    if (running != null) {
      running.kill();
      running.awaitExit(PATIENCE);
      children.remove(running);
    }
  }

  /** The running config server. */
  public Child server() {
    Child running = server;
    if (running == null) {
      throw new IllegalStateException("the config server has not been started");
    }
    return running;
  }

  /** Where agents find the config server: {@code https://host:port}. */
  public String serverUrl() {
    return "https://" + listen;
  }

  /** Where people find it: {@code http://host:port}. */
  public String dashboardUrl() {
    return "http://" + dashboard;
  }

  /** What the config server knows. */
  public ServerApi api() throws IOException {
    return ServerApi.of(dashboardUrl(), state());
  }

  /** A join token for a service. */
  public String token(String service, String account, int uses) throws IOException {
    return token(
        new JoinTokens.Order(service, "default", account, Map.of(), Duration.ofHours(1), uses));
  }

  /** A join token, made as {@code weft token create} makes it, also before the server runs. */
  String token(JoinTokens.Order order) throws IOException {
    StateFolder folder = StateFolder.open(state());
    SecureRandom random = new SecureRandom();
    InstantSource clock = InstantSource.system();
    Optional<String> bundle = folder.readText(CertificateAuthority.BUNDLE_FILE);
    X509Certificate root =
        bundle.isPresent()
            ? Pem.certificates(bundle.get()).get(0)
            : CertificateAuthority.embedded(folder, random, clock).root();
    return new JoinTokens(folder, random, clock)
        .create(order, CertificateAuthority.pin(root))
        .text();
  }

  /** Starts a program under the agent. */
  public Child run(Program program) throws IOException {
    return run(program, token(program.service(), program.account(), TOKEN_USES), Map.of());
  }

  /** Starts a program under the agent on another JDK than the mesh's. */
  public Child runOn(Java other, Program program) throws IOException {
    String token = token(program.service(), program.account(), TOKEN_USES);
    return run(other, program, token, Map.of());
  }

  /**
   * Starts a program under the agent.
   *
   * @param token its join token
   * @param settings further environment variables, say of the agent
   */
  public Child run(Program program, String token, Map<String, String> settings) throws IOException {
    return run(java, program, token, settings);
  }

  private Child run(Java java, Program program, String token, Map<String, String> settings)
      throws IOException {
    ProcessBuilder builder = java.command(program.arguments());
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_TOOL_OPTIONS", "-javaagent:" + jars.agent());
    environment.put("WEFT_SERVER", serverUrl());
    // Programs talk as soon as they run, and a busy machine starts five JVMs slowly.
    environment.put("WEFT_STARTUP_WAIT", "60s");
    environment.put("WEFT_TOKEN", token);
    environment.put("WEFT_SERVICE", program.service());
    environment.put("WEFT_SERVICE_ACCOUNT", program.account());
    environment.put(
        "WEFT_LABELS",
        program.labels().entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .sorted()
            .collect(Collectors.joining(",")));
    environment.putAll(program.environment());
    environment.putAll(settings);
    Child child = Child.start(program.name(), builder, logs());
    children.add(child);
    return child;
  }

  /** A JVM without the agent. */
  public ProcessBuilder java(List<String> arguments) {
    return java.command(arguments);
  }

  /** A command of the CLI that does not live long. */
  public ProcessBuilder cli(List<String> arguments) {
    return java(ofServer(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), arguments));
  }

  /** Arguments of a JVM for the jar of the config server. */
  private List<String> ofServer(List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>(java.serverOptions());
    command.addAll(options);
    command.addAll(List.of("-jar", jars.server().toString()));
    command.addAll(arguments);
    return command;
  }

  /** Everything that was started and not killed by {@link #killServer}. */
  public List<Child> children() {
    return List.copyOf(children);
  }

  /** The policy folder that the config server watches. */
  public Path policy() {
    return folder.resolve("policy");
  }

  /** The config server's state. */
  public Path state() {
    return folder.resolve("state");
  }

  /** What the processes printed. */
  public Path logs() {
    return folder.resolve("logs");
  }

  /**
   * Edits a document as an editor would: the new text replaces the old one at once.
   *
   * @return {@link System#nanoTime} after the save
   */
  public long edit(String document, UnaryOperator<String> change) throws IOException {
    Path file = policy().resolve(document);
    String before = Files.exists(file) ? Files.readString(file) : "";
    Path swap = folder.resolve(document + ".swap");
    Files.writeString(swap, change.apply(before));
    Files.move(swap, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return System.nanoTime();
  }

  /** The address a program listens on, once it does. */
  public static InetSocketAddress address(Child child) throws InterruptedException {
    int port = Integer.parseInt(child.awaitLine("listening ", PATIENCE));
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Ends every process. */
  @Override
  public void close() {
    // All at once: each may take a moment to say good-bye.
    List<Thread> farewells = new ArrayList<>();
    for (Child child : children) {
      Thread farewell = new Thread(child::close, "demo-close-" + child.name());
      farewell.start();
      farewells.add(farewell);
    }
    for (Thread farewell : farewells) {
      try {
        farewell.join();
      } catch (InterruptedException e) {
        children.forEach(Child::kill);
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Removes the folder and everything in it. */
  public void removeFolder() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String authority(String url) {
    return url.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
  }
}
