package dev.weft.server.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weft demo}: runs the shop in a mesh on this machine and prints what was observed. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a config server and the programs of examples/shop under the agent on this machine,",
      "drives traffic through them, and prints what was observed.",
      "Exits 0 only if everything it claims was observed."
    })
public final class Demo implements Callable<Integer> {
  /** Seven JVMs share this machine for a minute: none lives long enough to repay C2. */
  private static final List<String> JVM_OPTIONS =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m");

  @Option(names = "--keep", description = "Leave everything running until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "The repository with the built jars (default: where this jar lies).")
  private @Nullable Path root;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Jars jars = new Jars(root == null ? repository() : root.toAbsolutePath());
    if (!jars.missing().isEmpty()) {
      err().println("not built: " + jars.missing() + "; run mvn -q -DskipTests package");
      return 2;
    }
    Path folder = Files.createTempDirectory("weft-demo-");
    LocalMesh mesh =
        LocalMesh.in(
            folder,
            jars,
            new Java(Path.of(System.getProperty("java.home")), JVM_OPTIONS),
            jars.shopPolicy(),
            List.of());
    AtomicBoolean held = new AtomicBoolean();
    // Also on Ctrl-C: no process outlives the demo.
    Thread cleaner = new Thread(() -> clean(mesh, held.get()), "demo-cleaner");
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      held.set(run(mesh, jars));
      if (keep) {
        say("still running at " + mesh.api().page() + " ; Ctrl-C ends it");
        new CountDownLatch(1).await();
      }
    } catch (IOException | IllegalStateException e) {
      err().println("the demo broke off: " + e.getMessage());
    }
    return held.get() ? 0 : 1;
  }

  private void clean(LocalMesh mesh, boolean held) {
    mesh.close();
    if (held) {
      mesh.removeFolder();
    } else {
      err().println("logs: " + mesh.logs());
      err().flush();
    }
  }

  private boolean run(LocalMesh mesh, Jars jars) throws IOException, InterruptedException {
    PrintWriter out = out();
    say("starting a config server, web, orders, pay v1 (two), pay v2 and a client");
    mesh.startServer();
    Shop shop = Shop.start(mesh, jars);
    say("dashboard: " + mesh.api().page());
    List<Row> rows = new ArrayList<>();
    for (Check check : checks()) {
      List<Row> seen = check.observe(shop);
      seen.forEach(row -> say((row.held() ? "held    " : "FAILED  ") + row.claim()));
      rows.addAll(seen);
    }
    out.println();
    out.print(Table.of(rows));
    out.println();
    boolean held = rows.stream().allMatch(Row::held);
    say(held ? "everything held" : "NOT everything held");
    return held;
  }

  /** In an order in which none disturbs another: the plaintext probes come last. */
  private static List<Check> checks() {
    return List.of(
        new CanaryCheck(),
        new TesterCheck(),
        new PermissionCheck(),
        new KillCheck(),
        new TraceCheck(),
        new MutualTlsCheck(),
        new PlaintextCheck());
  }

  private void say(String line) {
    out().println(line);
    out().flush();
  }

  private PrintWriter out() {
    return spec().commandLine().getOut();
  }

  private PrintWriter err() {
    return spec().commandLine().getErr();
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli has not injected the command");
    }
    return spec;
  }

  /** {@code <repository>/config-server/target/weft-server.jar} is this class's jar. */
  private static Path repository() {
    try {
      Path jar = Path.of(Demo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path target = jar.getParent();
      Path module = target == null ? null : target.getParent();
      Path repository = module == null ? null : module.getParent();
      if (repository == null) {
        throw new IllegalStateException("cannot tell the repository from " + jar + "; use --root");
      }
      return repository;
    } catch (URISyntaxException e) {
      throw new IllegalStateException("cannot tell where this jar lies; use --root", e);
    }
  }
}
