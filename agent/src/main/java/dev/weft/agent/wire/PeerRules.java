package dev.weft.agent.wire;

import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.identity.PeerTrust;
import dev.weft.policy.Endpoint;
import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether the peer of a connection may stay, whoever made the connection. Asked at the end of the
 * handshake and whenever policy, roots or identities change. Refusals are sentences. Thread-safe.
 */
final class PeerRules {
  private final Snapshots snapshots;
  private final PeerTrust trust;

  PeerRules(Snapshots snapshots, PeerTrust trust) {
    this.snapshots = snapshots;
    this.trust = trust;
  }

  /** By what a connection has been judged; it need not be judged again by the same. */
  record Judged(@Nullable SpiffeId self, @Nullable List<X509Certificate> bundle) {}

  /** By what handshakes that begin now are judged, or by what comes later. */
  Judged now() {
    return new Judged(trust.self(), trust.bundle());
  }

  /** Why an established connection may not go on; null: it may. */
  @Nullable String refuses(MeshConnection connection) {
    SpiffeId peer = connection.peer().spiffeId().orElse(null);
    X509Certificate[] chain = connection.peerChain();
    if (peer == null || chain.length == 0) {
      return null;
    }
    String reason = expired(peer, chain[0]);
    return reason == null ? distrusts(connection, peer, chain) : reason;
  }

  /** Why nobody talks to this identity; null: people do. */
  @Nullable String revoked(SpiffeId peer) {
    MeshView view = snapshots.current();
    return view != null && view.revoked(peer)
        ? "identity " + peer + " is revoked by rule MeshConfig mtls.revokedIdentities"
        : null;
  }

  /**
   * Why the endpoint that was dialled is not the peer's any more; null: it is, or is nobody's. An
   * endpoint that has left the mesh may still finish what it has begun.
   */
  @Nullable String moved(Flow flow, SpiffeId peer) {
    MeshView view = snapshots.current();
    InetSocketAddress remote = flow.remote();
    Endpoint now = view == null ? null : view.endpoint(remote.getAddress(), remote.getPort());
    if (view == null || now == null || !now.mesh() || view.contested(now)) {
      return null;
    }
    return now.spiffeId().equals(peer.toString())
        ? null
        : "endpoint " + remote + " belongs to " + now.spiffeId() + " now, not to " + peer;
  }

  private @Nullable String distrusts(
      MeshConnection connection, SpiffeId peer, X509Certificate[] chain) {
    Judged before = connection.judged();
    Judged now = now();
    if (before != null
        && before.bundle() == now.bundle()
        && Objects.equals(before.self(), now.self())) {
      return null;
    }
    if (before != null && before.self() != null && !before.self().equals(now.self())) {
      return "this workload is " + now.self() + " now, and was " + before.self();
    }
    String reason = trust.distrusts(chain);
    if (reason == null) {
      connection.judged(now);
      return null;
    }
    return "peer " + peer + " is not trusted any more: " + reason;
  }

  /**
   * Why a connection may not outlive its peer's certificate; null: the certificate is good, or the
   * registry, to which the peer must show a good one again and again, still knows the workload, and
   * our own certificate says that we hear from there.
   */
  private @Nullable String expired(SpiffeId peer, X509Certificate leaf) {
    if (!trust.expired(leaf)) {
      return null;
    }
    MeshView view = snapshots.current();
    return view != null && view.registered(peer) && trust.selfValid()
        ? null
        : "the certificate of "
            + peer
            + " expired at "
            + leaf.getNotAfter().toInstant()
            + ", and nobody says that the workload has a new one";
  }
}
