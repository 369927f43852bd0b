package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Mesh TLS on BoringSSL, whose native library must be there. */
final class OpenSslMeshTls implements MeshTls {
  private final Epochs<OpenSslContext> epochs;

  /** Reads the store at each handshake. */
  OpenSslMeshTls(IdentityStore identities, InstantSource clock) {
    PeerCheck check = new PeerCheck(identities, clock);
    this.epochs =
        new Epochs<>(
            identities,
            clock,
            identity -> OpenSslContext.of(identity, check, clock),
            OpenSslContext::retire);
  }

  @Override
  public MeshEngine client(@Nullable SpiffeId expected, InetSocketAddress remote)
      throws SSLException {
    MeshEngine engine = null;
    while (engine == null) { // null: the epoch ended between the two calls
      engine = epochs.current().client(expected, remote);
    }
    return engine;
  }

  @Override
  public MeshEngine server() throws SSLException {
    MeshEngine engine = null;
    while (engine == null) {
      engine = epochs.current().server();
    }
    return engine;
  }
}
