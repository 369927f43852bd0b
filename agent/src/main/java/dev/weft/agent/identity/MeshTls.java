package dev.weft.agent.identity;

import dev.weft.policy.SpiffeId;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engines of mesh connections: TLS 1.3 only, mutual authentication, our ALPN, no session
 * tickets. Identity and trust are read anew for each handshake. Thread-safe.
 */
public interface MeshTls {
  /** The ALPN protocol by which a server tells mesh TLS from the application's own. */
  String ALPN = "weft/1";

  /**
   * An engine in client mode whose handshake fails unless the server proves {@code expected}; null:
   * any identity of the trust domain.
   *
   * @param expected null: any identity of our trust domain (an address of {@code meshNetworks},
   *     whose workload nobody registered)
   * @throws SSLException when there is no identity yet, or it has expired
   */
  SSLEngine client(@Nullable SpiffeId expected) throws SSLException;

  /**
   * An engine in server mode whose handshake fails unless the client proves an identity of the
   * trust domain.
   *
   * @throws SSLException when there is no identity yet, or it has expired
   */
  SSLEngine server() throws SSLException;

  /** The identity that the peer of a finished handshake proved. */
  SpiffeId peer(SSLEngine engine) throws SSLException;
}
