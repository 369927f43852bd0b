package dev.weft.agent.wire;

/** Something that the {@link Driver} must look after at a certain time, soon. Thread-safe. */
interface Timed {
  /** Whether the time has come. {@code now} is {@link System#nanoTime}. */
  boolean overdue(long now);

  /** The time has come. Called on the driver's pool, perhaps more than once. */
  void expire();

  /** The mesh itself has failed at it; see {@code WireSession.abort}. */
  void abort(Throwable fault);
}
