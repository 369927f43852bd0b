package dev.weft.agent.wire;

import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.policy.AccessConnection;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.ConnectionLimit;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Peer;
import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the current policy says about connections that others make to this workload. Refusals are
 * sentences that name the rule. Thread-safe.
 */
final class InboundRules {
  private static final String NO_SNAPSHOT_RULE = "weft.on.failure=closed";

  private final Snapshots snapshots;
  private final OnFailure beforeFirstSnapshot;
  private volatile Predicate<InetSocketAddress> requestsChecked = local -> false;

  InboundRules(Snapshots snapshots, OnFailure beforeFirstSnapshot) {
    this.snapshots = snapshots;
    this.beforeFirstSnapshot = beforeFirstSnapshot;
  }

  /** {@code covered} tells on which ports an adapter checks each request's access. */
  void requestsCheckedBy(Predicate<InetSocketAddress> covered) {
    requestsChecked = covered;
  }

  /**
   * Whether the mesh does not even look at connections to this port: mode DISABLE, or no snapshot
   * yet and {@code weft.on.failure=open}.
   */
  boolean leavesAlone(int port) {
    MeshView view = snapshots.current();
    return view == null
        ? beforeFirstSnapshot == OnFailure.OPEN
        : view.snapshot().inbound().mtls(port).mode() == MtlsMode.DISABLE;
  }

  /** Whether an adapter checks each request that arrives at this address of ours. */
  boolean requestsChecked(InetSocketAddress local) {
    return requestsChecked.test(local);
  }

  /** How many connections the workload accepts. */
  List<ConnectionLimit> limits() {
    MeshView view = snapshots.current();
    return view == null ? List.of() : view.snapshot().inbound().limits();
  }

  MtlsMode mode(int port) {
    return mtls(port).mode();
  }

  private Inbound.Mtls mtls(int port) {
    MeshView view = snapshots.current();
    if (view != null) {
      return view.snapshot().inbound().mtls(port);
    }
    return beforeFirstSnapshot == OnFailure.OPEN
        ? new Inbound.Mtls(MtlsMode.PERMISSIVE, "weft.on.failure=open")
        : new Inbound.Mtls(MtlsMode.STRICT, NO_SNAPSHOT_RULE);
  }

  /** Why a peer without identity is refused; null: it is not. */
  @Nullable String refusesPlaintext(InetSocketAddress remote, InetSocketAddress local) {
    int port = local.getPort();
    Inbound.Mtls mtls = mtls(port);
    if (mtls.mode() == MtlsMode.STRICT) {
      return "plaintext connection from "
          + remote
          + " to port "
          + port
          + " refused by rule "
          + mtls.rule()
          + ": expected mutual TLS of the mesh";
    }
    return refuses(Peer.PLAINTEXT, remote, local);
  }

  /** Why access policy refuses the peer; null: it does not. */
  @Nullable String refuses(Peer peer, InetSocketAddress remote, InetSocketAddress local) {
    MeshView view = snapshots.current();
    if (view == null) {
      return beforeFirstSnapshot == OnFailure.OPEN
          ? null
          : "connection from " + remote + " refused by rule " + NO_SNAPSHOT_RULE;
    }
    if (requestsChecked.test(local)) {
      return null; // the request layer decides each request, and its refusal is a 403 with the rule
    }
    Inbound inbound = view.snapshot().inbound();
    AccessDecision decision =
        view.access().connection(AccessConnection.of(peer, remote, local), false);
    return decision.allowed()
        ? null
        : "connection from "
            + peer.spiffeId().map(SpiffeId::toString).orElse("a peer without identity")
            + " at "
            + remote
            + " to "
            + inbound.spiffeId()
            + " port "
            + local.getPort()
            + " refused by rule "
            + decision.rule()
            + ": "
            + decision.reason();
  }
}
