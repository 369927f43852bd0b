package dev.weft.server.distribution;

import dev.weft.policy.Snapshot;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.tree.Trees;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.Json;
import dev.weft.server.protocol.ReportRequest;
import dev.weft.server.registry.AddressClaims;
import dev.weft.server.registry.Registration;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every agent on the snapshot that documents and workloads make. Compilation runs on one
 * thread and covers all changes that came in meanwhile; an agent hears only of versions that differ
 * from what it has. Thread-safe.
 */
public final class Distribution {
  private final Executor compiler;
  private final Supplier<List<Registration>> registrations;
  private final String trustDomain;
  private final Supplier<List<String>> trustBundle;
  private final InstantSource clock;
  private final Log log;
  private final AtomicBoolean compilationDue = new AtomicBoolean();
  private final Map<UUID, Agent> agents = new ConcurrentHashMap<>();
  private final LongAdder pushes = new LongAdder();
  private final LongAdder nacks = new LongAdder();
  private volatile PolicyStore policy = PolicyStore.empty();
  private volatile MeshState state;

  /** Of the last compilation that has been offered to everybody. */
  private volatile List<Workload> offered = List.of();

  /** One agent's state; guarded by itself. */
  private static final class Agent {
    @Nullable Subscriber subscriber;
    AgentState state;

    /** The version the subscriber holds or was offered. */
    String sent = "";

    Agent(AgentState state) {
      this.state = state;
    }

    synchronized boolean hasSubscriber() {
      return subscriber != null;
    }

    synchronized @Nullable Subscriber replace(Subscriber newer, String held) {
      Subscriber before = subscriber;
      subscriber = newer;
      sent = held;
      return before;
    }
  }

  /**
   * A distribution of nothing yet.
   *
   * @param compiler runs one task at a time
   * @param registrations everybody who is there
   * @param trustBundle roots in PEM
   */
  public Distribution(
      Executor compiler,
      Supplier<List<Registration>> registrations,
      String trustDomain,
      Supplier<List<String>> trustBundle,
      InstantSource clock,
      Log log) {
    this.compiler = compiler;
    this.registrations = registrations;
    this.trustDomain = trustDomain;
    this.trustBundle = trustBundle;
    this.clock = clock;
    this.log = log;
    this.state =
        new MeshState(
            policy,
            List.of(),
            List.of(),
            MeshCompiler.compile(policy, List.of(), trustDomain, trustBundle.get()),
            clock.instant(),
            "");
  }

  /** Puts other documents in force. */
  public void policy(PolicyStore changed) {
    policy = changed;
    changed();
  }

  /** Compiles soon, because documents or workloads changed. Returns at once. */
  public void changed() {
    if (compilationDue.compareAndSet(false, true)) {
      try {
        compiler.execute(this::compile);
      } catch (RejectedExecutionException e) {
        compilationDue.set(false); // the server is closing
      }
    }
  }

  private void compile() {
    compilationDue.set(false); // what changes from here on needs another round
    List<Registration> present = registrations.get();
    AddressClaims claims = AddressClaims.settle(present);
    List<Workload> workloads = claims.workloads();
    MeshState before = state;
    try {
      MeshState now =
          new MeshState(
              policy,
              workloads,
              claims.conflicts(),
              MeshCompiler.compile(policy, workloads, trustDomain, trustBundle.get()),
              clock.instant(),
              "");
      state = now;
      warnOfNew(claims.conflicts(), before.conflicts());
      forgetAllBut(present);
      for (Registration registration : present) {
        push(registration, now.mesh().snapshotFor(registration.workload()), now.compiledAt());
      }
      offered = workloads;
    } catch (RuntimeException | StackOverflowError e) {
      // A defect of ours: agents keep what they have, and status says so.
      if (before.failure().isEmpty()) {
        log.error("policy compiler failed, the last snapshots stay in force: " + e);
      }
      state = before.failed(e.toString());
    }
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
        agents.computeIfPresent(instance, (id, agent) -> agent.hasSubscriber() ? agent : null);
      }
    }
  }

  private void push(Registration registration, Snapshot snapshot, Instant compiledAt) {
    Agent agent =
        agents.computeIfAbsent(
            registration.instance(), id -> new Agent(AgentState.holding("", compiledAt)));
    synchronized (agent) {
      if (!agent.state.offered().equals(snapshot.version())) {
        agent.state = agent.state.offer(snapshot.version(), compiledAt);
      }
      if (agent.subscriber != null && !agent.sent.equals(snapshot.version())) {
        agent.sent = snapshot.version();
        agent.subscriber.offer(line(snapshot));
        pushes.increment();
      }
    }
  }

  private static byte[] line(Snapshot snapshot) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "snapshot");
    message.put("version", snapshot.version());
    message.put("snapshot", Trees.toTree(snapshot));
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(Json.bytes(message));
    line.write('\n');
    return line.toByteArray();
  }

  /**
   * Makes a stream the one through which a registered agent hears of snapshots, beginning with the
   * current one if the agent does not hold it.
   *
   * @param held the version that the agent says it holds; empty: none
   */
  public void subscribe(UUID instance, String held, Subscriber subscriber) {
    AtomicReference<@Nullable Subscriber> before = new AtomicReference<>();
    agents.compute(
        instance,
        (id, known) -> {
          Agent agent =
              known == null ? new Agent(AgentState.holding(held, clock.instant())) : known;
          before.set(agent.replace(subscriber, held));
          return agent;
        });
    Subscriber superseded = before.get();
    if (superseded != null) {
      superseded.superseded();
    }
    changed();
  }

  /** Forgets a stream; without effect when another one has taken over. */
  public void unsubscribe(UUID instance, Subscriber subscriber) {
    Agent agent = agents.get(instance);
    if (agent != null) {
      synchronized (agent) {
        if (agent.subscriber == subscriber) {
          agent.subscriber = null;
        }
      }
    }
  }

  /** Notes what an agent says about itself. */
  public void report(UUID instance, ReportRequest report, Map<String, Object> status) {
    Agent agent = agents.get(instance);
    if (agent == null) {
      return; // its registration has just ended
    }
    synchronized (agent) {
      AgentState before = agent.state;
      String nacked = report.nacked().map(ReportRequest.Nack::version).orElse("");
      String reason = report.nacked().map(ReportRequest.Nack::reason).orElse("");
      agent.state =
          new AgentState(
              before.offered(),
              before.offeredAt(),
              report.acked().orElse(""),
              nacked,
              reason,
              clock.instant(),
              status);
      if (!nacked.isEmpty() && !nacked.equals(before.nacked())) {
        nacks.increment();
        log.warn(
            "snapshot refused by agent instance="
                + instance
                + " version="
                + nacked
                + ": "
                + reason);
      }
    }
  }

  /**
   * How many connected agents do not run yet what workloads such as these make; all of them, while
   * the workloads are not such. Who refuses is not waited for.
   */
  public int behind(Predicate<List<Workload>> such) {
    boolean made = such.test(offered);
    int behind = 0;
    for (Agent agent : agents.values()) {
      synchronized (agent) {
        boolean there = made && (agent.state.inSync() || agent.state.refuses());
        behind += agent.subscriber == null || there ? 0 : 1;
      }
    }
    return behind;
  }

  /** What is known about an agent. */
  public Optional<AgentState> agent(UUID instance) {
    Agent agent = agents.get(instance);
    if (agent == null) {
      return Optional.empty();
    }
    synchronized (agent) {
      return Optional.of(agent.state);
    }
  }

  /** The last compilation. */
  public MeshState state() {
    return state;
  }

  /** Snapshots handed to streams since the start. */
  public long pushes() {
    return pushes.sum();
  }

  /** Snapshots refused by agents since the start. */
  public long nacks() {
    return nacks.sum();
  }
}
