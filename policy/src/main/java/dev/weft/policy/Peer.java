package dev.weft.policy;

import java.util.Optional;

/**
 * The other end of an inbound connection, as its certificate proved it. Immutable.
 *
 * @param spiffeId proven by mutual TLS; empty for plaintext
 */
public record Peer(Optional<SpiffeId> spiffeId) {

  /** A peer without identity. */
  public static final Peer PLAINTEXT = new Peer(Optional.empty());
}
