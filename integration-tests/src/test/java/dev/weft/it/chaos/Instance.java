package dev.weft.it.chaos;

import dev.weft.it.Built;
import dev.weft.it.FreePort;
import dev.weft.it.Jdk;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The processes of one {@link Member}, one after the other. Confined to one thread at a time. */
final class Instance {
  /** Busy machines start ten JVMs slowly. */
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private final LocalMesh mesh;
  private final Member member;
  private final Jdk jdk;
  private final Path journals;
  private final long seed;
  private final AtomicInteger commands = new AtomicInteger();
  private final List<Child> children = new ArrayList<>();
  private int port;

  Instance(LocalMesh mesh, Member member, Jdk jdk, Path journals, long seed) {
    this.mesh = mesh;
    this.member = member;
    this.jdk = jdk;
    this.journals = journals;
    this.seed = seed;
  }

  Member member() {
    return member;
  }

  Jdk jdk() {
    return jdk;
  }

  /** Starts a process. */
  void start() throws IOException {
    if (port == 0) {
      port = FreePort.find(); // it may be down for a while
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("SERVICE", member.service());
    environment.put("INSTANCE", name());
    environment.put("VERSION", member.version());
    environment.put("JOURNAL", journal().toString());
    environment.put("BELOW", String.join(",", member.below()));
    environment.put("LIBRARY", member.library());
    environment.put("PORT", Integer.toString(port));
    environment.put("IDLE_SECONDS", member.closesIdle() ? "2" : "300");
    environment.put("SEED", Long.toString(seed));
    if (!member.server().isEmpty()) {
      environment.put("SERVER", member.server());
    }
    Program program =
        Program.of(
                member.service(),
                List.of(
                    "-Xmx64m",
                    // HttpURLConnection would send every POST twice whose connection ends.
                    "-Dsun.net.http.retryPost=false",
                    "-cp",
                    classPath(),
                    "app.chaos.Node"))
            .named(name())
            .labelled(Map.of("app", member.service(), "version", member.version()))
            .with(environment);
    children.add(mesh.runOn(jdk.java(), program));
  }

  /** What the process that runs, or is started next, is called. */
  private String name() {
    int number = children.size() + (children.isEmpty() || !child().alive() ? 1 : 0);
    return member.name() + "." + number;
  }

  private Path journal() {
    return journals.resolve(name());
  }

  private String classPath() {
    Path clients = Built.clients();
    List<String> path = new ArrayList<>();
    path.add(Built.programs());
    path.add(clients.resolve("classes").toString());
    if (!member.jars().isEmpty()) {
      path.add(clients.resolve(member.jars()) + File.separator + "*");
    }
    return String.join(File.pathSeparator, path);
  }

  /** Waits until it can be asked. */
  void awaitStart() throws InterruptedException {
    if (member.server().isEmpty()) {
      child().awaitLine("ready", PATIENCE);
    } else {
      child().awaitLine("listening ", PATIENCE);
    }
  }

  /** Whether somebody has called the process that runs. */
  boolean hasServed() throws IOException {
    return Files.size(journal()) > 0;
  }

  Child child() {
    return children.get(children.size() - 1);
  }

  /**
   * Kills the process.
   *
   * @param samePort whether the next one listens where this one did
   */
  void kill(boolean samePort) throws InterruptedException {
    port = samePort ? port : 0;
    child().kill();
    child().awaitExit(PATIENCE);
  }

  /** SIGSTOP, SIGCONT. */
  void signal(String signal) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(child().pid())).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new IOException("kill -" + signal + " " + name() + " failed");
    }
  }

  /** Tells it something, and returns what it says when it is done. */
  String tell(String command) throws IOException, InterruptedException {
    String ticket = "#" + commands.incrementAndGet();
    Child told = child();
    told.stdin().write((command + " " + ticket + "\n").getBytes(StandardCharsets.UTF_8));
    told.stdin().flush();
    return told.awaitLine("done " + ticket + " ", PATIENCE);
  }
}
