package dev.weft.it.chaos;

/**
 * Something that was done to somebody, from one {@link System#nanoTime} to another.
 *
 * @param member whose; empty: the config server's
 */
record Hurt(Kind kind, String service, String member, long from, long to) {
  /** What can be done. */
  enum Kind {
    /** SIGKILL, and a new process a little later. */
    KILL,
    /** SIGSTOP, and SIGCONT a little later. */
    PAUSE,
    SLOW,
    RESET,
    CUT,
    BURST,
    /** The config server is killed and started again. */
    SERVER
  }
}
