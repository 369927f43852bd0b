package dev.weft.agent.traffic;

import dev.weft.agent.access.AccessGate;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.ServerObservation;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.agent.token.TokenVerdict;
import dev.weft.agent.wire.InboundPeers;
import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.ServerExchange;
import dev.weft.instrumentation.ServerMesh;
import dev.weft.policy.AccessConnection;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.AccessRequest;
import dev.weft.policy.Peer;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Inbound requests of all libraries: authorised by the peer's proven identity. Thread-safe. */
public final class ServerTraffic implements ServerMesh {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private final Snapshots snapshots;
  private final InboundPeers peers;
  private final AccessGate gate;
  private final Telemetry telemetry;
  private final Log log;
  private final InstantSource clock;
  private final CoveredPorts covered = new CoveredPorts();
  private final LongAdder inFlight = new LongAdder();
  private volatile boolean draining;
  private volatile Runnable coverageChanged = () -> {};
  private volatile Predicate<InetSocketAddress> own = remote -> false;

  ServerTraffic(
      Snapshots snapshots, InboundPeers peers, AccessGate gate, Telemetry telemetry, Log log) {
    this(snapshots, peers, gate, telemetry, log, InstantSource.system());
  }

  /** {@code clock} says which tokens have expired. */
  public ServerTraffic(
      Snapshots snapshots,
      InboundPeers peers,
      AccessGate gate,
      Telemetry telemetry,
      Log log,
      InstantSource clock) {
    this.snapshots = snapshots;
    this.peers = peers;
    this.gate = gate;
    this.telemetry = telemetry;
    this.log = log;
    this.clock = clock;
  }

  @Override
  public ServerExchange begin(String library, InboundRequest request) {
    if (own.test(request.remote())) {
      inFlight.increment();
      return new InboundExchange(ServerObservation.NONE, null, inFlight, false, Deadline.NONE);
    }
    Peer peer = peers.peer(request.remote(), request.local());
    String host = Authority.host(request.authority());
    MeshView view = snapshots.current(); // once, so that the request never sees two policies
    TokenVerdict verdict =
        view == null ? TokenVerdict.UNASKED : view.tokens().judge(request, clock.instant());
    if (verdict instanceof TokenVerdict.Refused refused) {
      return refuse(request, peer, host, refused);
    }
    return begin(view, request, peer, host, (TokenVerdict.Accepted) verdict);
  }

  private ServerExchange begin(
      @Nullable MeshView view,
      InboundRequest request,
      Peer peer,
      String host,
      TokenVerdict.Accepted token) {
    AccessDecision decision =
        gate.check(
            view,
            new AccessRequest(
                AccessConnection.of(peer, request.remote(), request.local()),
                request.method(),
                request.path(),
                host,
                request::header,
                token.token()));
    telemetry.judged(decision);
    String unable = decision.allowed() ? token.applyTo(request) : null;
    if (unable != null) {
      decision = new AccessDecision(false, "headers", unable);
    }
    ServerObservation observation = telemetry.server(request, host, peer, decision.rule());
    inFlight.increment();
    if (decision.allowed()) {
      return new InboundExchange(
          observation, null, inFlight, draining, Deadlines.of(request::header, System.nanoTime()));
    }
    denied(request, peer, decision.rule());
    return new InboundExchange(
        observation,
        new LocalReply(FORBIDDEN, "UAEX", decision.rule(), decision.reason()),
        inFlight,
        draining,
        Deadline.NONE);
  }

  private ServerExchange refuse(
      InboundRequest request, Peer peer, String host, TokenVerdict.Refused refused) {
    denied(request, peer, refused.rule());
    ServerObservation observation = telemetry.server(request, host, peer, refused.rule());
    inFlight.increment();
    return new InboundExchange(
        observation,
        new LocalReply(UNAUTHORIZED, "UAEX", refused.rule(), refused.reason()),
        inFlight,
        draining,
        Deadline.NONE);
  }

  private void denied(InboundRequest request, Peer peer, String rule) {
    if (log.debugs()) {
      log.debug(
          "request denied rule="
              + rule
              + " peer="
              + peer.spiffeId().map(Object::toString).orElse("plaintext")
              + " method="
              + request.method()
              + " path="
              + request.path());
    }
  }

  @Override
  public void covers(InetSocketAddress local, String library) {
    covered.add(local, library);
    coverageChanged.run();
  }

  @Override
  public void uncovers(InetSocketAddress local, String library) {
    covered.remove(local);
    coverageChanged.run();
  }

  /** {@code from} tells from which addresses this agent itself asks the application how it is. */
  public void leavesAlone(Predicate<InetSocketAddress> from) {
    own = from;
  }

  /** {@code listener} is told when {@link #coveredPorts} changes; it must not block. */
  public void onCoverage(Runnable listener) {
    coverageChanged = listener;
  }

  /** The ports on which a library's requests are authorised here, and whose they are. */
  public Map<Integer, String> coveredPorts() {
    return covered.byPort();
  }

  /** From now on each response asks its client to come back by another connection. */
  public void drain() {
    draining = true;
  }

  /** Requests that have begun and not ended. */
  public long inFlight() {
    return inFlight.sum();
  }

  /** The library whose requests are all authorised here, at this address of ours; null: none. */
  public @Nullable String coveredBy(InetSocketAddress local) {
    return covered.library(local.getAddress(), local.getPort());
  }
}
