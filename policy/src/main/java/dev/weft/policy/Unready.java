package dev.weft.policy;

/** Why new requests may not go to a workload, or to one of its ports. */
public enum Unready {
  /** It is shutting down, and finishes what it has. */
  DRAINING,
  /** Its own agent finds that it does not answer its health check. */
  FAILING,
  /** Clients do not get through to it. */
  SUSPECT
}
