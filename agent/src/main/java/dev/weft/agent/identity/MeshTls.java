package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engines of mesh connections: TLS 1.3 only, mutual authentication, our ALPN. Identity
 * and trust are read anew for each handshake; a handshake may resume an earlier session of the same
 * peer, identity and bundle. Thread-safe.
 */
public interface MeshTls {
  /** The ALPN protocol by which a server tells mesh TLS from the application's own. */
  String ALPN = "weft/1";

  /** What we speak; the server's hardware decides. */
  List<String> SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /**
   * An engine in client mode whose handshake fails unless the server proves {@code expected}; null:
   * any identity of the trust domain.
   *
   * @param expected null: any identity of our trust domain (an address of {@code meshNetworks},
   *     whose workload nobody registered)
   * @param remote where the server is: only a session from there is resumed
   * @throws SSLException when there is no identity yet, or it has expired
   */
  SSLEngine client(@Nullable SpiffeId expected, InetSocketAddress remote) throws SSLException;

  /**
   * An engine in server mode whose handshake fails unless the client proves an identity of the
   * trust domain.
   *
   * @throws SSLException when there is no identity yet, or it has expired
   */
  SSLEngine server() throws SSLException;

  /**
   * The identity that the peer of a finished handshake proves now, see {@link MeshEngine#peer}.
   *
   * @param engine one of ours
   */
  default SpiffeId peer(SSLEngine engine) throws SSLException {
    if (engine instanceof MeshEngine ours) {
      return ours.peer();
    }
    throw new SSLException("not an engine of the mesh: " + engine);
  }
}
