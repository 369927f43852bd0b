package dev.weft.policy;

/**
 * Decides who may do what, in Istio's order: DENY, then ALLOW; without an ALLOW policy everything.
 * Stateless.
 */
public final class Access {
  private Access() {}

  /**
   * The decision before the first application byte. Rules that need a request count as "may still
   * match" for ALLOW and "does not match yet" for DENY when {@code requestsAreChecked}, and as a
   * refusal otherwise.
   */
  public static AccessDecision connection(
      Inbound inbound, Peer peer, int port, boolean requestsAreChecked) {
    return new AccessDecision(inbound.policies().isEmpty(), "default", "in work");
  }

  /** The decision for one request. */
  public static AccessDecision request(Inbound inbound, Peer peer, AccessRequest request) {
    return new AccessDecision(inbound.policies().isEmpty(), "default", "in work");
  }
}
