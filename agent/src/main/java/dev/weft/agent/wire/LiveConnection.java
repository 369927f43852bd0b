package dev.weft.agent.wire;

import dev.weft.policy.Peer;
import java.util.Map;

/**
 * A connection of the application in which the mesh takes part, from its accept or connect to its
 * close. Thread-safe.
 */
interface LiveConnection {
  /** Between whom, since when, how much. */
  Flow flow();

  /** Who is at the other end, as far as proven. */
  Peer peer();

  /** Where it stands, in a word for people. */
  String stage();

  /** How it is encrypted, by name; empty when it is not. */
  Map<String, Object> encryption();

  /** When what the peer has proven itself with expires, as epoch milliseconds. */
  long provenUntil();

  /** Policy, trust or identity have changed, or time has passed: ends it if it may not go on. */
  void reevaluate();

  /** The mesh itself has failed at it; see {@code WireSession.abort}. */
  void abort(Throwable fault);
}
