package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The seam: woven {@code sun.nio.ch} classes call these methods where they called {@code
 * sun.nio.ch.Net}, and look up here whether a descriptor has a session. Sockets outside the mesh
 * pay one array read. Thread-safe.
 */
public final class Wire {
  private static final int FIRST_SIZE = 1024;

  /** Connections made by these threads (and their children) are the agent's own and pass by. */
  private static volatile @Nullable ThreadGroup own;

  private static volatile @Nullable WireHooks hooks;

  // Indexed by descriptor number; written under the class's lock, read without.
  private static volatile AtomicReferenceArray<WireSession> sessions =
      new AtomicReferenceArray<WireSession>(FIRST_SIZE);

  private Wire() {}

  /**
   * Switches the seam on. Called once, before the first class is woven.
   *
   * @throws LinkageError when this JDK lacks what we call
   */
  public static void install(WireHooks hooks, ThreadGroup own) {
    Raw.initialise();
    if (Raw.has("sun.nio.ch.UnixAsynchronousSocketChannelImpl")) {
      AsynchronousWire.initialise();
    }
    Wire.own = own;
    Wire.hooks = hooks;
  }

  static @Nullable WireHooks hooks() {
    return hooks;
  }

  /** The session of a connection, or null for sockets outside the mesh. */
  public static @Nullable WireSession session(@Nullable FileDescriptor fd) {
    if (fd == null) {
      return null;
    }
    int number = number(fd);
    AtomicReferenceArray<WireSession> table = sessions;
    if (number < 0 || number >= table.length()) {
      return null;
    }
    WireSession session = table.get(number);
    return session != null && session.descriptor == fd ? session : null;
  }

  /** Attaches a session to its descriptor, which must be open. */
  public static synchronized void attach(WireSession session) {
    int number = number(session.descriptor);
    AtomicReferenceArray<WireSession> table = sessions;
    if (number >= table.length()) {
      AtomicReferenceArray<WireSession> larger =
          new AtomicReferenceArray<WireSession>(Math.max(number + 1, table.length() * 2));
      for (int i = 0; i < table.length(); i++) {
        larger.set(i, table.get(i));
      }
      sessions = larger;
      table = larger;
    }
    table.set(number, session);
  }

  /** Detaches a session; a no-op when the descriptor has another one by now. */
  public static synchronized void detach(WireSession session) {
    int number = number(session.descriptor);
    AtomicReferenceArray<WireSession> table = sessions;
    if (number >= 0 && number < table.length()) {
      table.compareAndSet(number, session, null);
    }
  }

  /** The number of a descriptor; -1 when closed. */
  public static int number(FileDescriptor fd) {
    try {
      return (int) Raw.FD.invokeExact(fd);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** Whether the current thread belongs to the agent. */
  public static boolean ownThread() {
    return Thread.currentThread().getThreadGroup() == own;
  }

  // ---- what woven code calls instead of sun.nio.ch.Net ----

  /** {@code Net.accept}. */
  public static int accept(FileDescriptor fd, FileDescriptor newfd, InetSocketAddress[] remote)
      throws IOException {
    int status;
    try {
      status = (int) Raw.ACCEPT.invokeExact(fd, newfd, remote);
    } catch (Throwable e) {
      throw sneaky(e);
    }
    WireHooks hooks = Wire.hooks;
    if (status > 0 && hooks != null && !ownThread()) {
      Guard.accepted(hooks, newfd, remote[0]);
    }
    return status;
  }

  /** {@code Net.connect}, called by {@code channel}. */
  public static int connect(FileDescriptor fd, InetAddress remote, int port, Object channel)
      throws IOException {
    return connect(null, fd, new InetSocketAddress(remote, port), channel);
  }

  /** {@code Net.connect}, called by {@code channel}. */
  public static int connect(
      @Nullable ProtocolFamily family, FileDescriptor fd, SocketAddress remote, Object channel)
      throws IOException {
    InetSocketAddress asked = (InetSocketAddress) remote;
    if (asked.isUnresolved()) {
      throw new UnresolvedAddressException();
    }
    WireHooks hooks = ownThread() ? null : Wire.hooks;
    return hooks == null
        ? dial(family, fd, asked.getAddress(), asked.getPort())
        : Guard.connect(hooks, family, fd, asked, channel);
  }

  /** The JDK's own {@code Net.connect}. */
  public static int dial(
      @Nullable ProtocolFamily family, FileDescriptor fd, InetAddress address, int port)
      throws IOException {
    try {
      // The JDK's overloads differ in how they treat "no family"; keep the caller's choice.
      return family == null
          ? (int) Raw.CONNECT_ANY.invokeExact(fd, address, port)
          : (int) Raw.CONNECT.invokeExact(family, fd, address, port);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** {@code Net.pollConnectNow}. */
  public static boolean pollConnectNow(FileDescriptor fd) throws IOException {
    WireSession session = session(fd);
    return session == null ? dialled(fd) : Guard.connected(session);
  }

  /** The JDK's own {@code Net.pollConnectNow}. */
  public static boolean dialled(FileDescriptor fd) throws IOException {
    try {
      return (boolean) Raw.POLL_CONNECT.invokeExact(fd, 0L);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** {@code Net.listen}. */
  public static void listen(FileDescriptor fd, int backlog) throws IOException {
    try {
      Raw.LISTEN.invokeExact(fd, backlog);
    } catch (Throwable e) {
      throw sneaky(e);
    }
    WireHooks hooks = Wire.hooks;
    if (hooks != null && !ownThread()) {
      Guard.listening(hooks, fd);
    }
  }

  /** {@code Net.shutdown}. */
  public static void shutdown(FileDescriptor fd, int how) throws IOException {
    WireSession session = session(fd);
    if (session != null) {
      Guard.shutdown(session, how);
      return;
    }
    try {
      Raw.SHUTDOWN.invokeExact(fd, how);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** {@code Net.available}. */
  public static int available(FileDescriptor fd) throws IOException {
    WireSession session = session(fd);
    if (session != null) {
      return Guard.available(session);
    }
    try {
      return (int) Raw.AVAILABLE.invokeExact(fd);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /**
   * {@code Net.sendOOB}: an urgent byte would land in the middle of a TLS record, so it is refused.
   */
  public static int sendOOB(FileDescriptor fd, byte data) throws IOException {
    WireSession session = session(fd);
    if (session != null && !Guard.takesUrgentData(session)) {
      throw new SocketException("urgent data is not supported on a connection of the mesh");
    }
    try {
      return (int) Raw.SEND_OOB.invokeExact(fd, data);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  // ---- what inlined advice calls ----

  /** An asynchronous channel of Windows connects. */
  public static void overlappedConnect(SocketAddress remote) {
    WireHooks hooks = Wire.hooks;
    if (hooks != null
        && !ownThread()
        && remote instanceof InetSocketAddress asked
        && !asked.isUnresolved()) {
      Guard.overlapped(hooks, asked);
    }
  }

  /** An asynchronous channel of Windows is about to accept. */
  public static void overlappedAccept() {
    WireHooks hooks = Wire.hooks;
    if (hooks != null && !ownThread()) {
      Guard.overlapped(hooks, null);
    }
  }

  /** Whether a blocked thread has been made to wait here, so that the JDK need not poll. */
  public static boolean park(FileDescriptor fd, int event, long nanos) {
    WireSession session = session(fd);
    return session != null && Guard.park(session, event, nanos);
  }

  /** See {@link WireSession#beginWrite}. */
  public static void beginWrite(FileDescriptor fd, boolean blocking) {
    WireSession session = session(fd);
    if (session != null) {
      Guard.beginWrite(session, blocking);
    }
  }

  /** The native events a selector shall wait for on a channel. */
  public static int interest(SelectionKey key, int events) {
    WireSession session = session(descriptor(key.channel()));
    return session == null ? events : Guard.interest(session, key, events);
  }

  /** The events that a selector has found on a channel, without those that are none yet. */
  public static int found(FileDescriptor fd, int events) {
    WireSession session = session(fd);
    return session == null ? events : Guard.found(session, events);
  }

  /** See {@link WireHooks#beforeSelect}. */
  public static long beforeSelect(Object selector, long timeout) {
    WireHooks hooks = Wire.hooks;
    return hooks == null ? timeout : Guard.beforeSelect(hooks, selector, timeout);
  }

  /** See {@link WireHooks#readyOps}. */
  public static int readyOps(SelectionKey key, int events) {
    WireHooks hooks = Wire.hooks;
    return hooks == null ? events : Guard.readyOps(hooks, key, events);
  }

  /** See {@link WireHooks#afterSelect}. */
  public static int afterSelect(
      Object selector, java.util.function.@Nullable Consumer<?> action, int updated, long timeout)
      throws IOException {
    WireHooks hooks = Wire.hooks;
    return hooks == null ? updated : Guard.afterSelect(hooks, selector, action, updated, timeout);
  }

  /** See {@link WireHooks#wakeup}. */
  public static void wakeup(Object selector) {
    WireHooks hooks = Wire.hooks;
    if (hooks != null) {
      Guard.wakeup(hooks, selector);
    }
  }

  /** {@link #park} of a {@code SelChImpl}. */
  public static boolean parkChannel(Object channel, int event, long nanos) {
    return park(descriptor(channel), event, nanos);
  }

  /** Whether a channel's bytes must not leave by {@code sendfile}. */
  public static boolean meshed(@Nullable Object channel) {
    if (channel == null || !Raw.CHANNEL.isInstance(channel)) {
      return false;
    }
    WireSession session = session(descriptor(channel));
    return session != null && Guard.encrypts(session);
  }

  private static FileDescriptor descriptor(Object channel) {
    try {
      return (FileDescriptor) Raw.CHANNEL_FD.invokeExact(channel);
    } catch (Throwable e) {
      throw sneaky(e);
    }
  }

  /** The virtual addresses of a mesh name, or null. */
  public static InetAddress @Nullable [] resolve(@Nullable String host)
      throws UnknownHostException {
    WireHooks hooks = Wire.hooks;
    return hooks == null || ownThread() ? null : Guard.resolve(hooks, host);
  }

  /** The mesh's name of an address, or null. */
  public static @Nullable String name(InetAddress address) {
    WireHooks hooks = Wire.hooks;
    return hooks == null || ownThread() ? null : Guard.name(hooks, address);
  }

  /**
   * {@code InetSocketAddress.isUnresolved}, asked by a socket that talks to a proxy: an address
   * that only the mesh knows is as good as none.
   */
  public static boolean isUnresolved(InetSocketAddress asked) {
    WireHooks hooks = Wire.hooks;
    return asked.isUnresolved()
        || (hooks != null && !ownThread() && Guard.virtual(hooks, asked.getAddress()));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e; // what the JDK's method threw, unchanged
  }
}
