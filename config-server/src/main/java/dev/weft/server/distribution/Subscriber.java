package dev.weft.server.distribution;

/** The sending end of one agent's watch stream. Thread-safe; never blocks. */
public interface Subscriber {
  /**
   * Takes a snapshot to send. One that was not sent yet is replaced: only the latest counts.
   *
   * @param line a JSON object in UTF-8 with its line feed
   */
  void offer(byte[] line);

  /** Ends the stream because a newer one of the same agent has taken over. */
  void superseded();
}
