package dev.weft.server.distribution;

import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.part.PartSet;
import dev.weft.policy.part.PartStore;
import dev.weft.server.log.Log;
import dev.weft.server.policy.Generation;
import dev.weft.server.policy.PolicyVersion;
import dev.weft.server.protocol.ReportRequest;
import dev.weft.server.registry.AddressClaims;
import dev.weft.server.registry.Registration;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every agent on the snapshot that documents and workloads make. Compilation runs on one
 * thread and covers all changes that came in meanwhile; an agent hears only of what differs from
 * what it has. Thread-safe.
 */
public final class Distribution {
  /** How many services an agent may have asked for. */
  public static final int MAX_WANTED = 1000;

  private final Executor compiler;
  private final Runnable round;
  private final ScheduledExecutorService scheduler;
  private final Supplier<List<Registration>> registrations;
  private final Supplier<List<String>> trustBundle;
  private final InstantSource clock;
  private final Log log;
  private final Debounce debounce = new Debounce(System::nanoTime);
  private final AtomicBoolean compilationDue = new AtomicBoolean();
  private final PartStore parts = new PartStore();
  private final Map<UUID, Agent> agents = new ConcurrentHashMap<>();
  private final PushStats stats = new PushStats();
  private volatile PolicyVersion policy = new PolicyVersion(PolicyStore.empty(), Generation.NONE);

  /** The last compilation; not everybody may have been offered it yet. */
  private volatile MeshState compiled;

  /** The last compilation that everybody was offered. */
  private volatile MeshState state;

  /** Since which compilation workloads are not ready, without a break. */
  private volatile Map<UUID, Long> unreadySince = Map.of();

  private long rounds; // confined to the compiler

  /**
   * A distribution of nothing yet.
   *
   * @param compiler runs one task at a time
   * @param timed observes compilations, the offering of their snapshots included
   * @param scheduler hands tasks to the compiler after a pause
   * @param registrations everybody who is there
   * @param trustBundle roots in PEM
   */
  public Distribution(
      Executor compiler,
      UnaryOperator<Runnable> timed,
      ScheduledExecutorService scheduler,
      Supplier<List<Registration>> registrations,
      String trustDomain,
      Supplier<List<String>> trustBundle,
      InstantSource clock,
      Log log) {
    this.compiler = compiler;
    this.round = timed.apply(this::round);
    this.scheduler = scheduler;
    this.registrations = registrations;
    this.trustBundle = trustBundle;
    this.clock = clock;
    this.log = log;
    this.state =
        new MeshState(
            0,
            PolicyStore.empty(),
            Generation.NONE,
            List.of(),
            List.of(),
            MeshCompiler.compile(PolicyStore.empty(), List.of(), trustDomain, trustBundle.get()),
            clock.instant(),
            "");
    this.compiled = state;
  }

  /** Puts other documents in force. */
  public void policy(PolicyVersion changed) {
    policy = changed;
    changed();
  }

  /** Compiles soon, because documents or workloads changed. Returns at once. */
  public void changed() {
    if (!compilationDue.compareAndSet(false, true)) {
      return;
    }
    Duration pause = debounce.changed();
    try {
      if (pause.isZero()) {
        compiler.execute(round);
      } else {
        var unused =
            scheduler.schedule(() -> execute(round), pause.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (RejectedExecutionException e) {
      compilationDue.set(false); // the server is closing
    }
  }

  private void execute(Runnable task) {
    try {
      compiler.execute(task);
    } catch (RejectedExecutionException e) {
      compilationDue.set(false); // the server is closing
    }
  }

  private void round() {
    long start = System.nanoTime();
    compilationDue.set(false); // what changes from here on needs another round
    boolean succeeded = compile();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    debounce.ran(took);
    if (succeeded) {
      stats.compiled(took);
    }
  }

  private boolean compile() {
    List<Registration> present = registrations.get();
    AddressClaims claims = AddressClaims.settle(present);
    List<Workload> workloads = claims.workloads();
    PolicyVersion documents = policy;
    MeshState before = state;
    try {
      MeshState now =
          new MeshState(
              ++rounds, // a number for failed ones, too: agents may have been aimed at them
              documents.store(),
              documents.generation(),
              workloads,
              claims.conflicts(),
              before.mesh().next(documents.store(), workloads, trustBundle.get()),
              clock.instant(),
              "");
      compiled = now;
      warnOfNew(claims.conflicts(), before.conflicts());
      forgetAllBut(present);
      for (Registration registration : present) {
        agents
            .computeIfAbsent(registration.instance(), id -> new Agent(now.compiledAt()))
            .aim(now, registration.workload(), parts);
      }
      unreadySince = unreadySince(present, now.number());
      parts.forgetUnused();
      state = now;
      return true;
    } catch (RuntimeException | StackOverflowError e) {
      // A defect of ours: agents keep what they have, and status says so.
      if (before.failure().isEmpty()) {
        log.error("policy compiler failed, the last snapshots stay in force: " + e);
      }
      compiled = before.failed(e.toString());
      state = compiled;
      return false;
    }
  }

  private Map<UUID, Long> unreadySince(List<Registration> present, long round) {
    Map<UUID, Long> since = new HashMap<>();
    for (Registration registration : present) {
      if (!registration.workload().ready()) {
        UUID instance = registration.instance();
        since.put(instance, unreadySince.getOrDefault(instance, round));
      }
    }
    return Map.copyOf(since);
  }

  private void warnOfNew(List<Diagnostic> conflicts, List<Diagnostic> known) {
    for (Diagnostic conflict : conflicts) {
      if (!known.contains(conflict)) {
        log.warn(conflict.toString());
      }
    }
  }

  private void forgetAllBut(List<Registration> present) {
    Set<UUID> here = present.stream().map(Registration::instance).collect(Collectors.toSet());
    for (UUID instance : agents.keySet()) {
      if (!here.contains(instance)) {
        // One with a subscriber has registered after this compilation began.
        agents.computeIfPresent(instance, (id, agent) -> agent.connected() ? agent : null);
      }
    }
  }

  /**
   * Makes a stream the one through which a registered agent hears of snapshots, beginning with what
   * it lacks. That its workload is there has been told to {@link #changed} before, if it is news.
   */
  public void subscribe(UUID instance, Held held, Subscriber subscriber) {
    AtomicReference<@Nullable Subscriber> before = new AtomicReference<>();
    agents.compute(
        instance,
        (id, known) -> {
          Agent agent = known == null ? new Agent(clock.instant()) : known;
          before.set(agent.connect(subscriber, held));
          return agent;
        });
    Subscriber superseded = before.get();
    if (superseded != null) {
      superseded.superseded();
    }
    // A round that is due covers it, too. One that has just run may have come before the stream, so
    // this one agent is looked at after it: a round for everybody would be far too much when
    // thousands come back to a mesh in which nothing has changed.
    if (!compilationDue.get()) {
      execute(() -> aim(instance));
    }
  }

  private void aim(UUID instance) {
    MeshState now = state;
    Agent agent = agents.get(instance);
    if (agent != null && now.number() > 0) {
      registrations.get().stream()
          .filter(registration -> registration.instance().equals(instance))
          .findFirst()
          .ifPresent(registration -> agent.aim(now, registration.workload(), parts));
    }
  }

  /**
   * What a stream should send now; null: nothing. Call it when the connection takes bytes, and send
   * what it gives: it counts as sent.
   */
  public @Nullable Line next(UUID instance, Subscriber subscriber) {
    Agent agent = agents.get(instance);
    return agent == null ? null : agent.next(subscriber, stats);
  }

  /** Forgets a stream; without effect when another one has taken over. */
  public void unsubscribe(UUID instance, Subscriber subscriber) {
    Agent agent = agents.get(instance);
    if (agent != null) {
      agent.disconnect(subscriber);
    }
  }

  /**
   * Sends an agent the services that it names, now and whenever they change, as long as it lives.
   *
   * @param workload the agent's own
   * @param services keys; what does not exist, or is not for it, may come to be
   * @return false when it has asked for more than {@link #MAX_WANTED}, these among them
   */
  public boolean want(UUID instance, Workload workload, Collection<String> services) {
    Agent agent = agents.get(instance);
    if (agent == null) {
      return true; // its registration has just ended; it names them again in its next watch
    }
    if (!agent.want(services, MAX_WANTED)) {
      return false;
    }
    MeshState now = compiled;
    if (now.number() > 0) {
      agent.aim(now, workload, parts);
    }
    return true;
  }

  /** Notes what an agent says about itself. */
  public void report(UUID instance, ReportRequest report, Map<String, Object> status) {
    Agent agent = agents.get(instance);
    if (agent == null) {
      return; // its registration has just ended
    }
    String acked = report.acked().orElse("");
    String nacked = report.nacked().map(ReportRequest.Nack::version).orElse("");
    String reason = report.nacked().map(ReportRequest.Nack::reason).orElse("");
    Instant now = clock.instant();
    boolean lost = report.resync().orElse(false);
    AgentState before = agent.report(acked, nacked, lost, reason, now, status);
    if (acked.equals(before.offered()) && !acked.isEmpty() && !before.inSync()) {
      stats.acknowledged(Duration.between(before.offeredAt(), now));
    }
    if (!nacked.isEmpty() && !nacked.equals(before.nacked())) {
      stats.refused();
      log.warn(
          "snapshot refused by agent instance=" + instance + " version=" + nacked + ": " + reason);
    }
    if (lost) {
      log.warn("agent asks for everything again instance=" + instance);
      agent.resend();
    }
  }

  /**
   * How many connected agents may still take a workload for ready that is not; all of them, while
   * that is not compiled. Whatever else changes meanwhile, an agent is waited for no longer than
   * until it has answered for one version from after that: by running it, or by refusing it.
   */
  public int behind(UUID unready) {
    Long since = unreadySince.get(unready);
    return (int)
        agents.values().stream()
            .filter(agent -> since == null ? agent.connected() : agent.behind(since))
            .count();
  }

  /** What is known about an agent. */
  public Optional<AgentState> agent(UUID instance) {
    return Optional.ofNullable(agents.get(instance)).map(Agent::state);
  }

  /** The parts that an agent should have; empty before the first compilation, and by protocol 1. */
  public Optional<PartSet> parts(UUID instance) {
    return Optional.ofNullable(agents.get(instance))
        .map(Agent::target)
        .filter(target -> !target.version().isEmpty());
  }

  /** The last compilation that everybody was offered. */
  public MeshState state() {
    return state;
  }

  /** What was done since the start. */
  public PushStats stats() {
    return stats;
  }

  /** Lines with policy handed to streams since the start. */
  public long pushes() {
    return stats.pushes();
  }

  /** Versions refused by agents since the start. */
  public long nacks() {
    return stats.nacks();
  }
}
