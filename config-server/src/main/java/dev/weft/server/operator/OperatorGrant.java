package dev.weft.server.operator;

import java.time.Instant;

/**
 * A named operator token as the server keeps it. Immutable.
 *
 * @param id 8 hex digits, may be logged
 * @param name what logs call its user
 * @param secretHash SHA-256 of the secret's text, in hex
 * @param created ISO-8601
 * @param expires ISO-8601
 * @param revoked whether an operator withdrew it
 */
public record OperatorGrant(
    String id,
    String name,
    Role role,
    String secretHash,
    String created,
    String expires,
    boolean revoked) {

  OperatorGrant withdrawn() {
    return new OperatorGrant(id, name, role, secretHash, created, expires, true);
  }

  boolean expired(Instant now) {
    return !now.isBefore(Instant.parse(expires));
  }

  /** {@code valid}, {@code revoked} or {@code expired}. */
  public String state(Instant now) {
    return revoked ? "revoked" : expired(now) ? "expired" : "valid";
  }
}
