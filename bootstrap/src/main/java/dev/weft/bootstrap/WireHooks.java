package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the agent does when sockets are made. Implemented once, in the agent. Thread-safe. */
public abstract class WireHooks {
  /** A connection has been accepted; a session is attached to {@code fd} where policy wants one. */
  public abstract void accepted(FileDescriptor fd, InetSocketAddress remote);

  /**
   * {@code Net.connect}: dials what was asked, or where policy says. A session is attached to
   * {@code fd} where the mesh takes part in the connection.
   *
   * @param family as the JDK passes it; null: it passes none
   * @param channel the JDK's object that connects
   * @return as {@code Net.connect}: positive when connected, else {@code IOStatus}
   * @throws IOException when policy refuses, or nobody answers
   */
  public abstract int connect(
      @Nullable ProtocolFamily family, FileDescriptor fd, InetSocketAddress remote, Object channel)
      throws IOException;

  /**
   * A channel that reads and writes past the seam connects, or accepts when {@code remote} is null.
   *
   * @throws SecurityException when the mesh would have to take part
   */
  public abstract void overlapped(@Nullable InetSocketAddress remote);

  /** A socket listens now. */
  public abstract void listening(FileDescriptor fd);

  /** The virtual addresses of a mesh name, or null for the JDK's own resolution. */
  public abstract InetAddress @Nullable [] resolve(@Nullable String host);

  /** The name of a virtual address, or null for the JDK's own reverse lookup. */
  public abstract @Nullable String name(InetAddress address);

  /** Whether an address means something to the mesh only. */
  public abstract boolean virtual(InetAddress address);

  /**
   * Before a selector waits.
   *
   * @return the time to wait: 0 when a channel has undelivered bytes
   */
  public abstract long beforeSelect(Object selector, long timeout);

  /**
   * A selector is about to report the native {@code events} of a key.
   *
   * @return the events to report: with readability when the key's channel has undelivered bytes
   */
  public abstract int readyOps(SelectionKey key, int events);

  /**
   * After a selector waited: adds the channels with undelivered bytes, and lets it go on waiting
   * when it has been woken by us for nothing that its application should know.
   *
   * @param timeout how long it was to wait
   * @return the number of keys now updated
   */
  public abstract int afterSelect(
      Object selector, @Nullable Consumer<?> action, int updated, long timeout) throws IOException;

  /** Before somebody wakes a selector. */
  public abstract void wakeup(Object selector);

  /** A call into the agent ended with something that no call may end with; {@link Guard}. */
  public abstract void faulted(String call, Throwable fault);
}
