package dev.weft.agent.traffic;

import dev.weft.agent.balance.Balancer;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.bootstrap.Wire;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.ClientMesh;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.policy.Decision;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Endpoint;
import java.time.Duration;
import java.util.Map;
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

  private final Balancer balancer;
  private final Map<String, RetryBudget> budgets = new ConcurrentHashMap<>();

  /** Follows the snapshots. */
  public ClientTraffic(Snapshots snapshots, Telemetry telemetry, Log log) {
    this(snapshots, telemetry, log, System::nanoTime, null, Wire::ownThread);
  }

  /** For tests: a clock, dice and threads of their own; null dice: each thread's. */
  ClientTraffic(
      Snapshots snapshots,
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
    this.balancer = new Balancer(nanos, new DiceOfThread(dice));
    snapshots.onChange(view -> balancer.keep(view.snapshot()));
  }

  @Override
  public boolean knows(String host) {
    MeshView view = snapshots.current();
    return view != null && (view.host(host) != null || view.entry(host) != null);
  }

  @Override
  public @Nullable ClientExchange begin(String library, OutboundRequest request) {
    MeshView view = snapshots.current();
    if (view == null || ownThread.getAsBoolean()) {
      return null;
    }
    Decision decision = WithinReach.of(decide(view, request));
    if (decision instanceof Decision.Forward forward) {
      return new OutboundExchange(
          this,
          request,
          forward,
          view.snapshot().mesh(),
          budgets.computeIfAbsent(forward.service().key(), key -> new RetryBudget(nanos)),
          telemetry.client(request));
    }
    if (decision instanceof Decision.Reject reject) {
      if (log.debugs()) {
        log.debug(
            "request answered locally host="
                + request.host()
                + " status="
                + reject.status()
                + " rule="
                + reject.rule());
      }
      return new RejectedExchange(reject, telemetry.client(request));
    }
    return null;
  }

  private Decision decide(MeshView view, OutboundRequest request) {
    Decision decision = view.router().decide(new OutboundCall(request), dice());
    DirectoryEntry entry =
        decision instanceof Decision.PassThrough ? view.entry(request.host()) : null;
    if (entry == null) {
      return decision;
    }
    MeshView later = snapshots.wants().await(entry, view);
    return later.entry(request.host()) == null
        ? later.router().decide(new OutboundCall(request), dice())
        : new Decision.Reject(
            "no-service-yet",
            503,
            "UH",
            "the config server has not sent service " + entry.key() + " yet");
  }

  /** Whether requests of this workload go to the endpoint, and are counted one by one. */
  public boolean reaches(Endpoint endpoint) {
    return balancer.knows(endpoint);
  }

  long now() {
    return nanos.getAsLong();
  }

  RandomGenerator dice() {
    return dice != null ? dice : ThreadLocalRandom.current();
  }

  Balancer balancer() {
    return balancer;
  }

  /** A generator that may be used from any thread. */
  private record DiceOfThread(@Nullable RandomGenerator fixed) implements RandomGenerator {
    @Override
    public long nextLong() {
      return fixed != null ? fixed.nextLong() : ThreadLocalRandom.current().nextLong();
    }
  }
}
