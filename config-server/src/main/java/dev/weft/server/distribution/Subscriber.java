package dev.weft.server.distribution;

/** The sending end of one agent's watch stream. Thread-safe; never blocks. */
public interface Subscriber {
  /**
   * There may be something to send. The stream asks {@link Distribution#next} for it once its
   * connection takes bytes, so nothing waits at a slow agent, and what goes out is of that moment.
   */
  void wake();

  /** Ends the stream because a newer one of the same agent has taken over. */
  void superseded();
}
