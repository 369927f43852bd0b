package dev.weft.server.authority;

import dev.weft.policy.SpiffeId;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A certificate that was just signed. Immutable.
 *
 * @param chain leaf first, then intermediates, without the root
 */
public record IssuedSvid(SpiffeId spiffeId, List<X509Certificate> chain) {

  /** The certificate itself. */
  public X509Certificate leaf() {
    return chain.get(0);
  }

  /** When it ends. */
  public Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }
}
