package dev.weft.benchmarks.scale;

import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Pem;
import dev.weft.server.enroll.JoinTokens;
import dev.weft.server.state.StateFolder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** {@code ./benchmarks/scale}: one config server, thousands of agents, and a table of figures. */
public final class ScaleBenchmark {
  private static final int ENROLLING_AT_ONCE = 40;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Options options;
  private final Board board = new Board();
  private final List<SimulatedAgent> agents = new ArrayList<>();
  private final List<String[]> rows = new ArrayList<>();
  private long generation = 1;

  private ScaleBenchmark(Options options) {
    this.options = options;
  }

  /** Runs it; see {@link Options}. */
  public static void main(String[] arguments) throws Exception {
    Options options = Options.parse(arguments);
    Files.createDirectories(options.folder());
    try {
      new ScaleBenchmark(options).run();
    } finally {
      delete(options.folder());
    }
    System.exit(0); // what Netty still waits for is of no interest
  }

  private void run() throws Exception {
    PolicyFiles policy = new PolicyFiles(options);
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("agents", true), NioIoHandler.newFactory());
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (Server server = new Server(options, port)) {
      server.awaitListening(Duration.ofSeconds(60));
      say("server up, enrolling " + options.agents() + " agents");
      enrol(server, loops);
      if (!options.restartOnly()) {
        changes(server, policy, PolicyFiles.WIDE, "route that everybody hears of");
        changes(server, policy, PolicyFiles.NARROW, "route of one namespace");
        storm(server);
        idle(server);
      }
      restart(server);
      row("memory at most", server.megabytes("VmHWM") + " MB resident, heap " + options.heap());
      print();
    } catch (Exception e) {
      Files.copy(
          options.folder().resolve("server.log"),
          Path.of(System.getProperty("java.io.tmpdir"), "weft-scale-server.log"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      throw e;
    }
  }

  private void enrol(Server server, EventLoopGroup loops) throws Exception {
    StateFolder state = StateFolder.open(server.state());
    X509Certificate root =
        Pem.certificates(state.readText(CertificateAuthority.BUNDLE_FILE).orElseThrow()).get(0);
    JoinTokens tokens = new JoinTokens(state, new SecureRandom(), InstantSource.system());
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < options.services(); i++) {
      texts.add(
          tokens
              .create(
                  new JoinTokens.Order(
                      options.service(i),
                      options.namespace(i),
                      options.service(i),
                      Map.of(),
                      Duration.ofHours(1),
                      options.agents() / options.services()),
                  CertificateAuthority.pin(root))
              .text());
    }
    KnownServers servers = new KnownServers(root);
    SslContext anonymous = Identity.trusting(servers);
    Semaphore room = new Semaphore(ENROLLING_AT_ONCE);
    long start = System.nanoTime();
    ProcessorTime cpu = server.processorTime();
    for (int i = 0; i < options.agents(); i++) {
      SimulatedAgent agent =
          new SimulatedAgent(options, i, server.address(), servers, anonymous, loops.next(), board);
      agents.add(agent);
      room.acquire();
      var unused =
          agent
              .begin(texts.get(i % options.services()))
              .whenComplete((done, failure) -> room.release());
    }
    if (!room.tryAcquire(ENROLLING_AT_ONCE, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IOException("not all agents enrolled: " + board.enrolled.sum());
    }
    quiet();
    row(
        "enrolment of all agents",
        seconds(System.nanoTime() - start)
            + " (40 at a time), processor time of the server "
            + text(spent(server, cpu))
            + " s");
    row("memory with all agents", server.megabytes("VmRSS") + " MB resident");
  }

  /** Waits until no lines come any more. */
  private void quiet() throws InterruptedException {
    long before = -1;
    while (before != board.lines.sum()) {
      before = board.lines.sum();
      Thread.sleep(1500);
    }
  }

  private void changes(Server server, PolicyFiles policy, int service, String what)
      throws Exception {
    int concerned =
        service == PolicyFiles.WIDE || options.everything()
            ? options.agents()
            : options.agents() / options.namespaces();
    for (int i = 0; i < 5; i++) {
      change(policy, service, concerned); // until the server's code is warm
    }
    ProcessorTime cpu = server.processorTime();
    long in = board.traffic.in().sum();
    long out = board.traffic.out().sum();
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < options.changes(); i++) {
      millis.add(change(policy, service, concerned));
      Thread.sleep(300);
    }
    millis.sort(Comparator.naturalOrder());
    row(
        what + ", " + concerned + " agents",
        "saved to last acknowledgement: p50 "
            + Math.round(at(millis, 0.5))
            + " ms, p99 "
            + Math.round(at(millis, 0.99))
            + " ms, max "
            + Math.round(millis.get(millis.size() - 1))
            + " ms (of "
            + millis.size()
            + ")");
    row(
        "  for each change",
        text(spent(server, cpu) / options.changes())
            + " s of processor time, "
            + (board.traffic.in().sum() - in) / options.changes() / 1024
            + " KB to agents and "
            + (board.traffic.out().sum() - out) / options.changes() / 1024
            + " KB from them, reports of all agents included");
  }

  /** Milliseconds from the save to the last acknowledgement. */
  private double change(PolicyFiles policy, int service, int concerned) throws Exception {
    board.expect(++generation);
    long start = System.nanoTime();
    policy.editRoute(service);
    await("a change", () -> board.acknowledged() >= concerned);
    return (board.lastAcknowledgement() - start) / 1e6;
  }

  private static double at(List<Double> sorted, double share) {
    return sorted.get((int) Math.min(sorted.size() - 1, Math.ceil(share * sorted.size()) - 1));
  }

  /** Many workloads change their ports within a second, and change them back. */
  private void storm(Server server) throws Exception {
    int many = Math.min(options.storm(), options.agents());
    long lines = board.lines.sum();
    ProcessorTime cpu = server.processorTime();
    long in = board.traffic.in().sum();
    long start = System.nanoTime();
    for (int i = 0; i < many; i++) {
      agents.get(i).listenOn(options.ports() - 1);
      if (i % Math.max(1, many / 100) == 0) {
        Thread.sleep(10);
      }
    }
    long last = System.nanoTime();
    long seen = -1;
    while (seen != board.lines.sum() || System.nanoTime() - last < 1_500_000_000L) {
      if (seen != board.lines.sum()) {
        seen = board.lines.sum();
        last = System.nanoTime();
      }
      Thread.sleep(20);
    }
    row(
        many + " registrations change within a second",
        "last line after "
            + seconds(last - start)
            + ", "
            + text((board.lines.sum() - lines) / (double) options.agents())
            + " lines for each agent, "
            + text(spent(server, cpu))
            + " s of processor time, "
            + (board.traffic.in().sum() - in) / (1 << 20)
            + " MB to agents");
    for (int i = 0; i < many; i++) {
      agents.get(i).listenOn(options.ports());
    }
    quiet();
  }

  private void idle(Server server) throws Exception {
    ProcessorTime cpu = server.processorTime();
    long in = board.traffic.in().sum();
    long out = board.traffic.out().sum();
    Thread.sleep(10_000);
    row(
        "idle",
        text(spent(server, cpu) * 10)
            + " % of a processor, "
            + (board.traffic.in().sum() - in) / 10 / 1024
            + " KB/s to agents, "
            + (board.traffic.out().sum() - out) / 10 / 1024
            + " KB/s from them, "
            + server.megabytes("VmRSS")
            + " MB resident");
  }

  private void restart(Server server) throws Exception {
    long lines = board.lines.sum();
    long busy = board.busy.sum();
    server.kill();
    await("streams to break", () -> board.streams.get() == 0);
    long handshakes = board.handshakes.sum();
    ProcessorTime simulation = ProcessorTime.of(ProcessHandle.current().pid());
    long start = System.nanoTime();
    server.restart();
    server.awaitListening(Duration.ofSeconds(60));
    long listening = System.nanoTime();
    ProcessorTime ready = server.processorTime();
    // Half of the agents are about to renew just then.
    for (int i = 0; i < agents.size(); i += 2) {
      agents.get(i).renew();
    }
    await("half of the streams", () -> board.streams.get() >= options.agents() / 2);
    long half = System.nanoTime();
    await("streams to come back", () -> board.streams.get() == options.agents());
    long back = System.nanoTime();
    await("renewals", () -> board.renewalsDone.sum() >= options.agents() / 2);
    long renewed = System.nanoTime();
    ProcessorTime settled = server.processorTime();
    ProcessorTime simulated = ProcessorTime.of(ProcessHandle.current().pid()).since(simulation);
    long shaken = board.handshakes.sum() - handshakes;
    row(
        "kill -9 and restart",
        "listening after "
            + seconds(listening - start)
            + "; half of the streams back "
            + seconds(half - listening)
            + " later, all "
            + options.agents()
            + " "
            + seconds(back - listening)
            + " later, "
            + board.renewalsDone.sum()
            + " renewals done "
            + seconds(renewed - listening)
            + " later, "
            + board.renewalsFailed.sum()
            + " failed");
    row(
        "  processor time of the server until then",
        text(ready.seconds())
            + " s to listen and "
            + text(settled.since(ready).seconds())
            + " s for "
            + shaken
            + " handshakes and all else ("
            + settled.since(ready).shares()
            + ")");
    row(
        "  processor time of the simulated agents until then",
        text(simulated.seconds()) + " s (" + simulated.shares() + ")");
    quiet();
    row(
        "  meanwhile",
        (board.busy.sum() - busy)
            + " agents asked to come back later, "
            + (board.lines.sum() - lines)
            + " changes sent, "
            + server.megabytes("VmRSS")
            + " MB resident");
  }

  private static double spent(Server server, ProcessorTime before) throws IOException {
    return server.processorTime().since(before).seconds();
  }

  private void await(String what, BooleanSupplier done) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IOException(
            "waited in vain for "
                + what
                + ": streams="
                + board.streams
                + " acknowledged="
                + board.acknowledged()
                + " renewals="
                + board.renewalsDone);
      }
      Thread.sleep(1);
    }
  }

  private static String seconds(long nanos) {
    return text(nanos / 1e9) + " s";
  }

  private static String text(double value) {
    return String.format(java.util.Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  private void row(String name, String value) {
    rows.add(new String[] {name, value});
    say(name + ": " + value);
  }

  private static void say(String line) {
    System.err.println("scale: " + line);
  }

  private void print() {
    System.out.println();
    System.out.println(
        "| "
            + options.agents()
            + " agents, "
            + options.services()
            + " services in "
            + options.namespaces()
            + " namespaces, "
            + options.endpoints()
            + " endpoints"
            + (options.everything() ? ", scope Mesh" : "")
            + " | |");
    System.out.println("|---|---|");
    rows.forEach(row -> System.out.println("| " + row[0].strip() + " | " + row[1] + " |"));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
