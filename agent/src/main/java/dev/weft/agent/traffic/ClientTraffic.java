package dev.weft.agent.traffic;

import dev.weft.agent.balance.EndpointChoice;
import dev.weft.agent.balance.LoggedEjections;
import dev.weft.agent.balance.Self;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.bootstrap.Wire;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientMesh;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.ServedRequest;
import dev.weft.policy.ConnectionPool;
import dev.weft.policy.Decision;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Endpoint;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Outbound requests of all libraries: each sees the snapshot that is current when it begins.
 * Thread-safe.
 */
public final class ClientTraffic implements ClientMesh {
  /** Limit of connecting to an endpoint of the mesh. */
  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

  private final Snapshots snapshots;
  private final Telemetry telemetry;
  private final Log log;
  private final LongSupplier nanos;
  private final @Nullable RandomGenerator dice;

  /** Whether the current thread is one of the agent's, whose requests pass by. */
  private final BooleanSupplier ownThread;

  private final EndpointChoice choice;
  private final RequestRates rates = new RequestRates();
  private final Mirrors mirrors;

  /** By {@link Decision.Delivery#destination}. */
  private final Map<String, Upstream> upstreams = new ConcurrentHashMap<>();

  /**
   * Follows the snapshots.
   *
   * @param self what the settings say of this workload
   */
  public ClientTraffic(Snapshots snapshots, Self self, Telemetry telemetry, Log log) {
    this(snapshots, self, telemetry, log, System::nanoTime, null, Wire::ownThread);
  }

  /** For tests: a clock, dice and threads of their own; null dice: each thread's. */
  ClientTraffic(
      Snapshots snapshots,
      Self self,
      Telemetry telemetry,
      Log log,
      LongSupplier nanos,
      @Nullable RandomGenerator dice,
      BooleanSupplier ownThread) {
    this.snapshots = snapshots;
    this.telemetry = telemetry;
    this.log = log;
    this.nanos = nanos;
    this.dice = dice;
    this.ownThread = ownThread;
    this.choice = new EndpointChoice(nanos, InstantSource.system(), self, new LoggedEjections(log));
    this.mirrors = new Mirrors(log, choice);
    snapshots.onChange(view -> keep(view.snapshot()));
  }

  @Override
  public boolean knows(String host) {
    MeshView view = snapshots.current();
    return view != null
        && (view.host(host) != null || view.entry(host) != null || host.equals(Mirrors.HOST));
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // by whoever closes what is returned
  public @Nullable ServedRequest served() {
    Context current = Context.current();
    return current == Context.root() ? null : () -> current.makeCurrent()::close;
  }

  @Override
  public @Nullable ClientExchange begin(String library, OutboundRequest request) {
    MeshView view = snapshots.current();
    if (view == null || ownThread.getAsBoolean()) {
      return null;
    }
    if (request.host().equals(Mirrors.HOST)) {
      return mirrors.exchange();
    }
    OutboundCall call = new OutboundCall(request);
    Decision decision = decide(view, request, call);
    LocalReply reply = Answers.reply(decision);
    Service called = reply == null ? view.host(request.host()) : null;
    if (called != null && !called.requestLimits().isEmpty()) { // before the clock is read
      reply = rates.refusal(called, call, decision.rule(), instances(view), now());
    }
    if (reply != null) {
      if (log.debugs()) {
        log.debug(
            "request answered locally host="
                + request.host()
                + " status="
                + reply.status()
                + " rule="
                + reply.rule());
      }
      return Answers.exchange(reply, telemetry.client(request));
    }
    if (decision instanceof Decision.Forward forward) {
      MeshSettings mesh = view.snapshot().mesh();
      return new OutboundExchange(
          this, request, call, forward, mesh, upstream(forward), telemetry.client(request));
    }
    return null;
  }

  /** Who share a limit of the mesh with this client; nobody where the server does not say. */
  private static int instances(MeshView view) {
    return Math.max(1, view.snapshot().instances().orElse(1));
  }

  private Upstream upstream(Decision.Forward forward) {
    String destination = forward.delivery().destination();
    Upstream known = upstreams.get(destination);
    return known != null
        ? known
        : upstreams.computeIfAbsent(destination, missing -> new Upstream(nanos));
  }

  private Decision decide(MeshView view, OutboundRequest request, OutboundCall call) {
    Decision decision = view.router().decide(call, dice(), choice);
    DirectoryEntry entry =
        decision instanceof Decision.PassThrough ? view.entry(request.host()) : null;
    if (entry == null) {
      return decision;
    }
    MeshView later = snapshots.wants().await(entry, view);
    return later.entry(request.host()) == null
        ? later.router().decide(call, dice(), choice)
        : new Decision.Reject(
            "no-service-yet",
            503,
            "UH",
            "the config server has not sent service " + entry.key() + " yet");
  }

  /** Forgets what a new snapshot no longer has. */
  private void keep(Snapshot snapshot) {
    choice.keep(snapshot);
    rates.keep(snapshot.services());
    Set<String> services = new HashSet<>();
    snapshot.services().forEach(service -> services.add(service.key()));
    upstreams.keySet().removeIf(name -> !services.contains(name.substring(0, name.indexOf(':'))));
  }

  /** Limit of connecting to an endpoint: the service's own, else the mesh's. */
  Duration connectTimeout(Decision.Forward forward, MeshSettings mesh) {
    Optional<Duration> own = forward.service().pool().flatMap(ConnectionPool::connectTimeout);
    return (own.isPresent() ? own : mesh.connectTimeout()).orElse(CONNECT_TIMEOUT);
  }

  /** Whether requests of this workload go to the endpoint, and are counted one by one. */
  public boolean reaches(Endpoint endpoint) {
    return choice.knows(endpoint);
  }

  long now() {
    return nanos.getAsLong();
  }

  RandomGenerator dice() {
    return dice != null ? dice : ThreadLocalRandom.current();
  }

  Mirrors mirrors() {
    return mirrors;
  }

  EndpointChoice choice() {
    return choice;
  }
}
