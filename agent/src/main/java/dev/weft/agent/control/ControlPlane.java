package dev.weft.agent.control;

import dev.weft.agent.config.Settings;
import dev.weft.agent.identity.ControlTls;
import dev.weft.agent.identity.IdentityFiles;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.MeshClock;
import dev.weft.agent.identity.Pauses;
import dev.weft.agent.identity.Renewal;
import dev.weft.agent.log.Log;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Everything about where identity and policy come from, running: from a config server, from files,
 * or, with neither configured, nothing at all. Thread-safe.
 */
public final class ControlPlane implements Membership, AutoCloseable {
  private static final Duration IDENTITY_POLL = Duration.ofSeconds(1);
  private static final Duration POLICY_POLL = Duration.ofMillis(500);

  private final Settings settings;
  private final Log log;
  private final AgentThreads threads;
  private final Clockwork clockwork;
  private final Snapshots snapshots;
  private final IdentityStore identities;
  private final ListeningPorts listening = new ListeningPorts();
  private final Protocols protocols = new Protocols();
  private final Readiness readiness = new Readiness();
  private final ControlTls controlTls;
  private final List<Thread> running = new CopyOnWriteArrayList<>();
  private volatile @Nullable Reporter reporter;
  private volatile @Nullable Registered registered;
  private boolean identityIsPolled; // confined to the thread that begins with it

  /** What it takes to leave again. */
  private record Registered(ControlApi api, ControlClient client, String instance) {}

  /** Time and chance, which a test makes its own. */
  record Clockwork(InstantSource clock, Pauses pauses, RandomGenerator dice) {
    static Clockwork real(Log log) {
      return new Clockwork(MeshClock.system(log::warn), Pauses.REAL, new Random());
    }
  }

  private ControlPlane(Settings settings, Log log, ThreadGroup group, Clockwork clockwork) {
    this.settings = settings;
    this.log = log;
    this.threads = new AgentThreads(group);
    this.clockwork = clockwork;
    this.snapshots = new Snapshots(log);
    this.identities = new IdentityStore(clockwork.clock());
    this.controlTls = new ControlTls(identities, settings);
  }

  /**
   * A control plane that has not started: the JDK's HTTP client, which it uses, must be woven
   * before.
   *
   * @param group every thread that talks to the config server belongs to it
   */
  public static ControlPlane of(Settings settings, Log log, ThreadGroup group) {
    return new ControlPlane(settings, log, group, Clockwork.real(log));
  }

  static ControlPlane start(Settings settings, Log log, ThreadGroup group, Clockwork clockwork) {
    ControlPlane plane = new ControlPlane(settings, log, group, clockwork);
    plane.start();
    return plane;
  }

  /**
   * Starts what the settings ask for, on daemon threads, and returns at once; wait with {@link
   * Snapshots#awaitFirst}. Call it once.
   */
  public void start() {
    if (!settings.servers().isEmpty()) {
      startClient();
    } else if (settings.policy().isPresent()) {
      startStandalone();
    }
  }

  private void startClient() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            threads.named("http"));
    ControlApi api = new ControlApi(controlTls, identities, pool);
    WorkloadDescription self = WorkloadDescription.of(settings, listening, protocols, readiness);
    boolean provisioned = settings.identityCert().isPresent();
    Enroller enroller = new Enroller(settings, api, self, identities, clockwork.clock(), log);
    Reporter reports = new Reporter(api, self, identities, Pauses.REAL, clockwork.dice(), log);
    reports.status(snapshots.wants()::status);
    reporter = reports;
    ControlClient client =
        new ControlClient(
            settings,
            api,
            enroller,
            new SnapshotIntake(snapshots, identities, !provisioned),
            snapshots,
            identities,
            reports,
            self,
            pool,
            clockwork.pauses(),
            clockwork.clock(),
            clockwork.dice(),
            log);
    registered = new Registered(api, client, self.instance());
    if (provisioned) {
      IdentityFiles files = new IdentityFiles(settings, identities, log);
      run("control", () -> afterFirst(files, client));
    } else {
      run("control", client);
      run(
          "renewal",
          new Renewal(
              identities,
              current -> enroller.renew(current, client.server()),
              Pauses.REAL,
              clockwork.clock(),
              clockwork.dice(),
              log));
    }
    run("report", reports);
  }

  private void startStandalone() {
    StandalonePolicy policy =
        new StandalonePolicy(
            settings.policy().orElseThrow(), settings, identities, listening, snapshots, log);
    if (settings.identityCert().isEmpty()) {
      log.warn("standalone without weft.identity.*: no mutual TLS");
      run("policy", () -> every(POLICY_POLL, policy::poll));
      return;
    }
    IdentityFiles files = new IdentityFiles(settings, identities, log);
    run("policy", () -> afterFirst(files, () -> every(POLICY_POLL, policy::poll)));
  }

  /**
   * Nothing may be done under a policy before there is the identity that it asks for. Once another
   * thread polls the files, they are its own, also when this work is done again after a fault.
   */
  private void afterFirst(IdentityFiles files, Runnable work) {
    if (!identityIsPolled) {
      files.poll();
      run("identity", () -> every(IDENTITY_POLL, files::poll));
      identityIsPolled = true;
    }
    work.run();
  }

  private void run(String name, Runnable work) {
    running.add(threads.lasting(name, work, log));
  }

  private static void every(Duration period, Runnable work) {
    try {
      while (true) {
        work.run();
        Pauses.REAL.pause(period);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where the current policy is. */
  public Snapshots snapshots() {
    return snapshots;
  }

  /** Where the current identity is. */
  public IdentityStore identities() {
    return identities;
  }

  /** TLS to the config server, for telemetry. */
  public ControlTls controlTls() {
    return controlTls;
  }

  /** A socket of the application listens on this port now. Returns at once. */
  public void listening(int port) {
    if (listening.opened(port)) {
      changed();
    }
  }

  /** A socket that listened on this port was closed. Returns at once. */
  public void closed(int port) {
    if (listening.closed(port)) {
      changed();
    }
  }

  /** What the reports say has changed, and the server should hear of it soon. Returns at once. */
  public void changed() {
    Reporter reports = reporter;
    if (reports != null) {
      reports.touch();
    }
  }

  /** More for the reports' {@code status}; called on our thread, must not block. */
  public void status(Supplier<Map<String, Object>> status) {
    Reporter reports = reporter;
    if (reports != null) {
      reports.status(status);
    }
  }

  /** What the reports say of endpoints that could not be connected to; must not block. */
  public void unreachable(Supplier<List<String>> endpoints) {
    Reporter reports = reporter;
    if (reports != null) {
      reports.unreachable(endpoints);
    }
  }

  /** {@code ports} are those on which the request layer knows that HTTP is spoken. */
  public void http(Supplier<Set<Integer>> ports) {
    protocols.http(ports);
  }

  /** What the workload's health check says. Returns at once. */
  public void healthy(boolean well) {
    if (readiness.healthy(well)) {
      changed();
    }
  }

  @Override
  public boolean serving() {
    Registered self = registered;
    return self != null && self.client().registered() && !listening.ports().isEmpty();
  }

  @Override
  public Departed leave(Duration answer, Duration known) throws InterruptedException {
    readiness.drain(); // also for the streams that open from now on
    Registered self = registered;
    if (self == null) {
      return Departed.UNTOLD;
    }
    Departure departure =
        new Departure(self.api(), self.client().server(), self.instance(), Pauses.REAL, log);
    run("leave", departure);
    return departure.await(answer, known);
  }

  /** Ends the threads, and with them the registration. */
  @Override
  public void close() {
    running.forEach(Thread::interrupt);
  }
}
