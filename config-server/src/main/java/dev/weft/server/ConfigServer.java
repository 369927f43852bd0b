package dev.weft.server;

import dev.weft.server.api.AgentApi;
import dev.weft.server.api.ApiDescription;
import dev.weft.server.api.DashboardPage;
import dev.weft.server.api.DocumentApi;
import dev.weft.server.api.Mesh;
import dev.weft.server.api.MeshMetrics;
import dev.weft.server.api.OperatorApi;
import dev.weft.server.api.TelemetryApi;
import dev.weft.server.api.TokenApi;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.ServerCertificate;
import dev.weft.server.authority.SvidVerifier;
import dev.weft.server.distribution.Distribution;
import dev.weft.server.enroll.Enrollment;
import dev.weft.server.enroll.Grants;
import dev.weft.server.enroll.JoinTokens;
import dev.weft.server.http.HttpMetrics;
import dev.weft.server.http.Listener;
import dev.weft.server.http.Routes;
import dev.weft.server.http.Timing;
import dev.weft.server.http.TlsProvider;
import dev.weft.server.keys.KeySets;
import dev.weft.server.limit.Limits;
import dev.weft.server.log.Log;
import dev.weft.server.metrics.ServerMetrics;
import dev.weft.server.operator.Operators;
import dev.weft.server.policy.Generations;
import dev.weft.server.policy.PolicyFolder;
import dev.weft.server.protocol.Json;
import dev.weft.server.registry.Registry;
import dev.weft.server.registry.RegistryStore;
import dev.weft.server.registry.Suspicions;
import dev.weft.server.registry.TcpProber;
import dev.weft.server.state.StateFolder;
import dev.weft.server.telemetry.LogWindow;
import dev.weft.server.telemetry.MetricWindow;
import dev.weft.server.telemetry.OtlpReceiver;
import dev.weft.server.telemetry.SpanWindow;
import dev.weft.server.time.ClockJumps;
import dev.weft.server.time.ServerClock;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A running config server. Thread-safe. */
public final class ConfigServer implements AutoCloseable {
  /** File in the state folder that says where the server listens. */
  public static final String ADDRESS_FILE = "server.json";

  private static final int SPANS = 20_000;
  private static final int SERIES = 10_000;
  private static final int LOG_RECORDS = 10_000;
  private static final int WORKERS = 4;
  private static final int PROBERS = 4;
  private static final int WAITING_PROBES = 64;

  private final ServerOptions options;
  private final Log log;
  private final ServerClock clock;
  private final Timing timing;
  private final Duration lease;
  private final Limits limits;
  private final SecureRandom random = new SecureRandom();

  /** What must be undone, last first. */
  private final Deque<Runnable> undo = new ArrayDeque<>();

  private final CountDownLatch closed = new CountDownLatch(1);
  private Routes served = new Routes.Builder().build();
  private Optional<URI> uri = Optional.empty();
  private Optional<URI> dashboard = Optional.empty();

  private ConfigServer(
      ServerOptions options,
      Log log,
      ServerClock clock,
      Timing timing,
      Duration lease,
      Limits limits) {
    this.options = options;
    this.log = log;
    this.clock = clock;
    this.timing = timing;
    this.lease = lease;
    this.limits = limits;
  }

  /**
   * Starts a server; it is ready when this returns.
   *
   * @throws IOException with a sentence for people: no such folder, the port is taken ...
   */
  public static ConfigServer start(ServerOptions options, Log log) throws IOException {
    return start(options, log, ServerClock.SYSTEM, Timing.DEFAULT, Registry.LEASE, Limits.usual());
  }

  static ConfigServer start(
      ServerOptions options,
      Log log,
      ServerClock clock,
      Timing timing,
      Duration lease,
      Limits limits)
      throws IOException {
    ConfigServer server = new ConfigServer(options, log, clock, timing, lease, limits);
    try {
      server.run();
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void run() throws IOException {
    StateFolder state = StateFolder.open(options.state());
    undo.push(state.claim()::close);
    if (state.openToOthers()) {
      log.warn("state folder " + state.path() + " can be looked into by others; chmod 700 it");
    }
    CertificateAuthority authority = authority(state);
    Operators operators = new Operators(state, random, clock, log);
    undo.push(operators::flush);
    ScheduledThreadPoolExecutor scheduler =
        new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("weft-scheduler", true));
    scheduler.setRemoveOnCancelPolicy(true);
    undo.push(scheduler::shutdownNow);
    operators.flushOn(scheduler);
    ServerMetrics own = new ServerMetrics();
    ServerCertificate certificate =
        new ServerCertificate(
            authority,
            options.trustDomain(),
            HostNames.of(options),
            options.svidLife(),
            random,
            clock,
            log);
    certificate.renewOn(scheduler);
    ClockJumps jumps = new ClockJumps(clock, log);
    jumps.onJump(certificate::clockJumped);
    jumps.watchOn(scheduler);

    ExecutorService compiler = pool("weft-compiler", 1, Integer.MAX_VALUE);
    Registry registry = new Registry(lease, scheduler, log);
    Distribution distribution =
        new Distribution(
            compiler,
            own.timed(
                "weft_server_compile_duration_seconds",
                "From the begin of a compilation until its snapshots are offered to all streams."),
            scheduler,
            registry::registrations,
            options.trustDomain(),
            authority::bundlePem,
            clock,
            log);
    RegistryStore store = new RegistryStore(state, registry::remembered, RegistryStore.EVERY, log);
    registry.restore(RegistryStore.read(state, options.trustDomain(), log));
    registry.onChange(
        () -> {
          distribution.changed();
          store.changed();
        });
    KeySets keys = KeySets.open(state, KeySets.Rhythm.USUAL, distribution::policy, log);
    undo.push(keys::close);
    Generations generations = Generations.open(state, clock, log);
    PolicyFolder folder =
        PolicyFolder.open(options.policy(), state, generations, keys::policy, log);
    undo.push(folder::close);
    awaitFirstCompilation(compiler);

    SpanWindow spans = new SpanWindow(SPANS);
    MetricWindow metrics = new MetricWindow(SERIES);
    LogWindow logs = new LogWindow(LOG_RECORDS);
    SvidVerifier verifier = new SvidVerifier(authority.bundle());
    JoinTokens joinTokens = new JoinTokens(state, random, clock);
    Mesh mesh =
        new Mesh(
            options.trustDomain(),
            version(),
            clock.instant(),
            clock,
            jumps,
            authority,
            certificate,
            new Enrollment(
                authority,
                verifier,
                joinTokens,
                Grants.open(state),
                options.trustDomain(),
                options.svidLife(),
                clock,
                log),
            joinTokens,
            operators,
            folder,
            generations,
            registry,
            suspicions(registry, scheduler),
            distribution,
            new OtlpReceiver(spans, metrics, logs),
            spans,
            metrics,
            logs);
    MeshMetrics.addTo(own, mesh);
    listen(mesh, verifier, own, state);
    undo.push(store::close); // before the streams end, or nobody would be left to be written
  }

  private Suspicions suspicions(Registry registry, ScheduledThreadPoolExecutor scheduler) {
    Suspicions suspicions =
        new Suspicions(
            System::nanoTime, new TcpProber(pool("weft-probe", PROBERS, WAITING_PROBES)), registry);
    Runnable judge =
        () -> {
          try {
            suspicions.judge();
          } catch (RuntimeException e) {
            log.error("passive health failed, it goes on: " + e);
          }
        };
    Future<?> unused = scheduler.scheduleWithFixedDelay(judge, 1, 1, TimeUnit.SECONDS);
    return suspicions;
  }

  private CertificateAuthority authority(StateFolder state) throws IOException {
    if (options.suppliedAuthority().isPresent()) {
      ServerOptions.AuthorityFiles files = options.suppliedAuthority().get();
      return CertificateAuthority.supplied(state, files.certificates(), files.key(), random, clock);
    }
    return CertificateAuthority.embedded(state, random, clock);
  }

  /** Nobody is answered before the policy is in force. */
  private static void awaitFirstCompilation(ExecutorService compiler) throws IOException {
    try {
      compiler.submit(() -> {}).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted at the start", e);
    } catch (ExecutionException e) {
      throw new IOException("policy not compiled: " + e.getCause(), e);
    }
  }

  private void listen(Mesh mesh, SvidVerifier verifier, ServerMetrics own, StateFolder state)
      throws IOException {
    TlsProvider tls = options.tlsProvider().here(log);
    Listener.Surroundings surroundings =
        new Listener.Surroundings(
            eventLoops("weft-accept", 1),
            eventLoops("weft-io", Math.min(4, Runtime.getRuntime().availableProcessors())),
            pool("weft-worker", WORKERS, Integer.MAX_VALUE), // bounded by the limits
            pool("weft-tls", 2, Integer.MAX_VALUE),
            tls,
            mesh.operators(),
            limits,
            new HttpMetrics(own, limits),
            verifier,
            options.trustDomain(),
            timing,
            clock,
            log);
    Routes.Builder routes = new Routes.Builder();
    new AgentApi(mesh).addTo(routes);
    addOperatorApi(routes, mesh, own);
    served = routes.build();
    Listener listener =
        Listener.tls(options.listen().resolve(), served, mesh.certificate(), surroundings);
    undo.push(listener::close);
    uri = Optional.of(HostPort.localUri("https", listener.address()));
    if (options.dashboard().isPresent()) {
      dashboard = Optional.of(openDashboard(options.dashboard().get(), mesh, own, surroundings));
    }
    Map<String, Object> address = new LinkedHashMap<>();
    address.put("listen", uri.get().toString());
    dashboard.ifPresent(page -> address.put("dashboard", page.toString()));
    address.put("trustDomain", options.trustDomain());
    address.put("pid", ProcessHandle.current().pid());
    state.write(ADDRESS_FILE, Json.bytes(address));
    log.info(
        "config server ready listen="
            + listener.address()
            + dashboard.map(page -> " dashboard=" + page).orElse("")
            + " trust-domain="
            + options.trustDomain()
            + " policy="
            + options.policy()
            + " root-pin="
            + CertificateAuthority.pin(mesh.authority().root())
            + " tls="
            + tls.title());
  }

  private static void addOperatorApi(Routes.Builder routes, Mesh mesh, ServerMetrics own) {
    new OperatorApi(mesh, own).addTo(routes);
    new TelemetryApi(mesh).addTo(routes);
    new TokenApi(mesh).addTo(routes);
    DocumentApi.addTo(routes, mesh.trustDomain());
    ApiDescription.addTo(routes);
  }

  private URI openDashboard(
      HostPort where, Mesh mesh, ServerMetrics own, Listener.Surroundings surroundings)
      throws IOException {
    Routes.Builder routes = new Routes.Builder();
    addOperatorApi(routes, mesh, own);
    DashboardPage.addTo(routes);
    InetSocketAddress address = where.resolve();
    // The operator token never crosses a network in the clear.
    boolean plain = address.getAddress() != null && address.getAddress().isLoopbackAddress();
    Listener listener =
        plain
            ? Listener.plain(address, routes.build(), surroundings)
            : Listener.tls(address, routes.build(), mesh.certificate(), surroundings);
    undo.push(listener::close);
    return HostPort.localUri(plain ? "http" : "https", listener.address());
  }

  private EventLoopGroup eventLoops(String name, int threads) {
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
    undo.push(() -> group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly());
    return group;
  }

  private ExecutorService pool(String name, int threads, int waiting) {
    ExecutorService pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            new DefaultThreadFactory(name, true));
    undo.push(pool::shutdownNow);
    return pool;
  }

  private static String version() {
    String version = ConfigServer.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Where agents and commands on this machine reach it. */
  public URI uri() {
    return uri.orElseThrow();
  }

  /** What it answers there. */
  Routes routes() {
    return served;
  }

  /** Where the page is; empty: nowhere. */
  public Optional<URI> dashboard() {
    return dashboard;
  }

  /** Returns once the server is closed. */
  public void awaitClose() throws InterruptedException {
    closed.await();
  }

  /** Stops at once; agents keep what they have. */
  @Override
  public synchronized void close() {
    while (!undo.isEmpty()) {
      undo.pop().run();
    }
    closed.countDown();
  }
}
