package dev.weft.agent.wire;

import java.io.IOException;

/** What a connection asks of its socket. Implemented on the kernel, and by simulations of it. */
interface SocketIo extends Transport {
  /**
   * Guarded reads never wait, even on a descriptor in blocking mode: they ask first. The driver's
   * threads need that; the application's need the opposite.
   */
  void guardReads(boolean on);

  /** {@link #guardReads} for writes, which are small then. */
  void guardWrites(boolean on);

  /** Whether a read would return at once, be it with bytes, the end or an error. */
  boolean readable() throws IOException;

  /** Whether a write would take something at once, or fail at once. */
  boolean writable() throws IOException;

  /** Whether the connection has been refused, reset, or closed in both directions. */
  boolean broken() throws IOException;

  /** Bytes in the receive buffer. */
  int available() throws IOException;

  /** Sends segments as they come (TCP_NODELAY). */
  void noDelay() throws IOException;

  /** Whether closing sends a reset instead of an end (SO_LINGER 0). */
  boolean resetsOnClose() throws IOException;

  /** {@code shutdown(2)}: 0 reading, 1 writing, 2 both. */
  void shutdown(int how) throws IOException;

  /** The JDK closes its descriptor object now; ours stays open until {@link #close}. */
  void keep();

  /** {@code close(2)}, after {@link #keep}. */
  void close() throws IOException;
}
