package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the agent does when sockets are made. Implemented once, in the agent. Thread-safe. */
public abstract class WireHooks {
  /**
   * A connection has been accepted; a session is attached to {@code fd} where policy wants one.
   *
   * @param asynchronous by a channel that cannot have a session
   */
  public abstract void accepted(FileDescriptor fd, InetSocketAddress remote, boolean asynchronous);

  /**
   * The application connects.
   *
   * @param asynchronous by a channel that cannot have a session
   * @return the address to dial instead; null: as asked. A session is attached to {@code fd} where
   *     the destination is a workload of the mesh
   * @throws IOException when policy refuses
   */
  public abstract @Nullable InetSocketAddress connecting(
      FileDescriptor fd, InetAddress remote, int port, boolean asynchronous) throws IOException;

  /** The connect call returned (perhaps still in progress), or threw when {@code status} is 0. */
  public abstract void connected(FileDescriptor fd, int status);

  /** A socket listens now. */
  public abstract void listening(FileDescriptor fd);

  /** The virtual address of a mesh name, or null for the JDK's own resolution. */
  public abstract InetAddress @Nullable [] resolve(@Nullable String host);

  /**
   * Before a selector waits.
   *
   * @return the time to wait: 0 when a channel has undelivered bytes
   */
  public abstract long beforeSelect(Object selector, long timeout);

  /**
   * After a selector waited: adds the channels with undelivered bytes.
   *
   * @return the number of keys now updated
   */
  public abstract int afterSelect(Object selector, @Nullable Consumer<?> action, int updated)
      throws IOException;
}
