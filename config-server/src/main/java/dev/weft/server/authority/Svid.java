package dev.weft.server.authority;

import dev.weft.policy.SpiffeId;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** A verified certificate and whose it is. Immutable. */
public record Svid(SpiffeId spiffeId, X509Certificate certificate) {

  /** When it stops to be one. */
  public Instant notAfter() {
    return certificate.getNotAfter().toInstant();
  }
}
