package dev.weft.agent.traffic;

import dev.weft.agent.access.AccessGate;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.ServerObservation;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.agent.wire.InboundPeers;
import dev.weft.instrumentation.InboundRequest;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.ServerExchange;
import dev.weft.instrumentation.ServerMesh;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.AccessRequest;
import dev.weft.policy.Peer;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Inbound requests of all libraries: authorised by the peer's proven identity. Thread-safe. */
public final class ServerTraffic implements ServerMesh {
  private static final int FORBIDDEN = 403;

  private final Snapshots snapshots;
  private final InboundPeers peers;
  private final AccessGate gate;
  private final Telemetry telemetry;
  private final Log log;
  private final CoveredPorts covered = new CoveredPorts();

  /** Follows the snapshots. */
  public ServerTraffic(
      Snapshots snapshots, InboundPeers peers, AccessGate gate, Telemetry telemetry, Log log) {
    this.snapshots = snapshots;
    this.peers = peers;
    this.gate = gate;
    this.telemetry = telemetry;
    this.log = log;
  }

  @Override
  public ServerExchange begin(String library, InboundRequest request) {
    Peer peer = peers.peer(request.remote(), request.local());
    String host = Authority.host(request.authority());
    AccessDecision decision =
        gate.check(
            snapshots.current(),
            peer,
            new AccessRequest(request.local().getPort(), request.method(), request.path(), host));
    ServerObservation observation = telemetry.server(request, host, peer, decision.rule());
    if (decision.allowed()) {
      return new InboundExchange(observation, null);
    }
    if (log.debugs()) {
      log.debug(
          "request denied rule="
              + decision.rule()
              + " peer="
              + peer.spiffeId().map(Object::toString).orElse("plaintext")
              + " method="
              + request.method()
              + " path="
              + request.path());
    }
    return new InboundExchange(
        observation, new LocalReply(FORBIDDEN, "UAEX", decision.rule(), decision.reason()));
  }

  @Override
  public void covers(InetSocketAddress local, String library) {
    covered.add(local, library);
  }

  @Override
  public void uncovers(InetSocketAddress local, String library) {
    covered.remove(local);
  }

  /** The library whose requests are all authorised here, at this address of ours; null: none. */
  public @Nullable String coveredBy(InetSocketAddress local) {
    return covered.library(local.getAddress(), local.getPort());
  }
}
