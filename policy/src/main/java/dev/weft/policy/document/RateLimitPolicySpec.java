package dev.weft.policy.document;

import dev.weft.policy.RequestLimit;
import java.util.List;
import java.util.Optional;

/**
 * Weft's {@code RateLimitPolicy}. Immutable.
 *
 * @param maxConnections open at the same time
 * @param requests limits of requests
 */
public record RateLimitPolicySpec(
    List<Spec.TargetRef> targets,
    Optional<Integer> maxConnections,
    Optional<Integer> handshakesPerSecond,
    Optional<Integer> handshakeBurst,
    List<Requests> requests)
    implements Spec.Own {

  /**
   * A limit of requests.
   *
   * @param limit its rule is its name, its ports are empty
   */
  public record Requests(Side side, RequestLimit limit) {}

  /** Who counts. */
  public enum Side {
    SERVER,
    CLIENT
  }
}
