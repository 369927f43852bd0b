package dev.weft.policy;

/**
 * What an agent finds out about the session that a call belongs to: it goes before the weights of a
 * rule's backends (GEP-1619). Thread-safe.
 */
@FunctionalInterface
public interface Sessions {
  /** Nobody has one. */
  Sessions NONE = (forward, call) -> Hold.NONE;

  /** What keeps a call at a backend. */
  enum Hold {
    NONE,
    /** A session there, whose endpoint is gone. */
    SERVICE,
    /** A session at one of its endpoints. */
    ENDPOINT
  }

  /** What keeps a call at what a decision sends to. */
  Hold hold(Decision.Forward forward, Call call);
}
