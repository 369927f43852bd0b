package dev.weft.agent.control;

/** Who knows that this workload takes no new requests. */
public enum Departed {
  /** Nobody: the config server was not reached, or does not know what draining is. */
  UNTOLD,
  /** The config server, and some of the others. */
  TOLD,
  /** Everybody who is connected with the config server. */
  KNOWN
}
