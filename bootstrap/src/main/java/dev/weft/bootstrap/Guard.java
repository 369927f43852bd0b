package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every call from woven code into the agent passes here, so that a fault of the agent stays one of
 * a single connection. A fault is anything but the exceptions that the JDK's method declares.
 *
 * <p>What secures fails closed: the connection is {@linkplain WireSession#abort aborted}, and the
 * application meets a {@code SocketException}, or its like. What observes fails open. An error of
 * the virtual machine (memory, stack) and {@code ThreadDeath} reach the application as they would
 * without us; the connection ends all the same, because half a record may be in its buffers. Only
 * where the JDK would lose a descriptor by it, in accept and close, they are kept back.
 *
 * <p>Stateless; the way without a fault costs nothing.
 */
public final class Guard {
  /** After a fault a selector looks again this soon: what was missed must not hang for ever. */
  private static final long SOON_MILLIS = 100;

  private Guard() {}

  // ---- what inlined advice calls ----

  /** See {@link WireSession#read}. */
  public static int read(WireSession session, long address, int length) throws IOException {
    try {
      return session.read(address, length);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw aborted(session, "read", e);
    }
  }

  /** See {@link WireSession#readv}. */
  public static long readv(WireSession session, long vectors, int count) throws IOException {
    try {
      return session.readv(vectors, count);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw aborted(session, "readv", e);
    }
  }

  /** See {@link WireSession#write}. */
  public static int write(WireSession session, long address, int length) throws IOException {
    try {
      return session.write(address, length);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw aborted(session, "write", e);
    }
  }

  /** See {@link WireSession#writev}. */
  public static long writev(WireSession session, long vectors, int count) throws IOException {
    try {
      return session.writev(vectors, count);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw aborted(session, "writev", e);
    }
  }

  /** See {@link WireSession#preClose}; after a fault the JDK wakes its threads itself. */
  public static boolean preClose(WireSession session) {
    try {
      return session.preClose();
    } catch (Throwable e) {
      abort(session, "preClose", e);
      return false;
    }
  }

  /** See {@link WireSession#close}; after a fault the JDK closes the descriptor itself. */
  public static boolean close(WireSession session) {
    try {
      return session.close();
    } catch (Throwable e) {
      Wire.detach(session);
      report(Wire.hooks(), "close", e);
      try {
        session.abandon(e);
      } catch (Throwable again) {
        // the first fault is the one to tell
      }
      return false;
    }
  }

  // ---- what the seam calls: sessions ----

  static void beginWrite(WireSession session, boolean blocking) {
    try {
      session.beginWrite(blocking);
    } catch (Throwable e) {
      abort(session, "beginWrite", e); // the write that follows will say so
      passErrors(e);
    }
  }

  static int available(WireSession session) throws IOException {
    try {
      return session.available();
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw aborted(session, "available", e);
    }
  }

  static void shutdown(WireSession session, int how) throws IOException {
    try {
      session.shutdown(how);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw aborted(session, "shutdown", e);
    }
  }

  /** After a fault nobody waits any more: the next read or write says what happened. */
  static boolean park(WireSession session, int event, long nanos) {
    try {
      return session.park(event, nanos);
    } catch (Throwable e) {
      abort(session, "park", e);
      passErrors(e);
      return true;
    }
  }

  /** After a fault it does: nothing may go past the session. */
  static boolean encrypts(WireSession session) {
    try {
      return session.encrypts();
    } catch (Throwable e) {
      abort(session, "encrypts", e);
      passErrors(e);
      return true;
    }
  }

  static boolean takesUrgentData(WireSession session) {
    try {
      return session.takesUrgentData();
    } catch (Throwable e) {
      abort(session, "takesUrgentData", e);
      passErrors(e);
      return false;
    }
  }

  static boolean connected(WireSession session) throws IOException {
    try {
      return session.connected();
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw aborted(session, "connected", e);
    }
  }

  /** After a fault the application looks for itself what has happened. */
  static int found(WireSession session, int events) {
    try {
      return session.found(events);
    } catch (Throwable e) {
      abort(session, "found", e);
      passErrors(e);
      return events;
    }
  }

  /** After a fault the kernel's events count: it reports an aborted connection readable. */
  static int interest(WireSession session, SelectionKey key, int events) {
    try {
      return session.interest(key, events);
    } catch (Throwable e) {
      abort(session, "interest", e);
      passErrors(e);
      return events;
    }
  }

  /** As {@link #interest}. */
  static int poll(WireSession session, Object channel, int events) {
    try {
      return session.poll(channel, events);
    } catch (Throwable e) {
      abort(session, "poll", e);
      passErrors(e);
      return events;
    }
  }

  // ---- what the seam calls: hooks ----

  /** After a fault the connection is shut: the application accepts it, and finds it at its end. */
  static void accepted(WireHooks hooks, FileDescriptor fd, InetSocketAddress remote) {
    try {
      hooks.accepted(fd, remote);
    } catch (Throwable e) {
      WireSession begun = Wire.session(fd);
      if (begun == null) {
        Refused.refuse(fd, sentence("accepted", e));
        report(hooks, "accepted", e);
      } else {
        abort(begun, "accepted", e);
      }
    }
  }

  /** After a fault nothing has been dialled, or it ends. */
  static int connect(
      WireHooks hooks,
      @Nullable ProtocolFamily family,
      FileDescriptor fd,
      InetSocketAddress remote,
      Object channel)
      throws IOException {
    try {
      return hooks.connect(family, fd, remote, channel);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      WireSession begun = Wire.session(fd);
      if (begun == null) {
        report(hooks, "connect", e);
      } else {
        abort(begun, "connect", e);
      }
      passErrors(e);
      throw new ConnectException(sentence("connect", e));
    }
  }

  /** A fault refuses: bytes of such a channel would pass the seam unseen. */
  static void overlapped(WireHooks hooks, @Nullable InetSocketAddress remote) {
    try {
      hooks.overlapped(remote);
    } catch (SecurityException refused) {
      throw refused;
    } catch (Throwable e) {
      report(hooks, "overlapped", e);
      passErrors(e);
      throw new SecurityException(sentence("overlapped", e));
    }
  }

  static void listening(WireHooks hooks, FileDescriptor fd) {
    try {
      hooks.listening(fd);
    } catch (Throwable e) {
      report(hooks, "listening", e);
      passErrors(e);
    }
  }

  /** After a fault the name is unknown: the JDK's own answer might lead around the mesh. */
  static InetAddress @Nullable [] resolve(WireHooks hooks, @Nullable String host)
      throws UnknownHostException {
    try {
      return hooks.resolve(host);
    } catch (Throwable e) {
      report(hooks, "resolve", e);
      passErrors(e);
      throw new UnknownHostException(host + ": " + sentence("resolve", e));
    }
  }

  static @Nullable String name(WireHooks hooks, InetAddress address) {
    try {
      return hooks.name(address);
    } catch (Throwable e) {
      report(hooks, "name", e);
      passErrors(e);
      return null;
    }
  }

  static boolean virtual(WireHooks hooks, InetAddress address) {
    try {
      return hooks.virtual(address);
    } catch (Throwable e) {
      report(hooks, "virtual", e);
      passErrors(e);
      return false;
    }
  }

  static long beforeSelect(WireHooks hooks, Object selector, long timeout) {
    try {
      return hooks.beforeSelect(selector, timeout);
    } catch (Throwable e) {
      report(hooks, "beforeSelect", e);
      passErrors(e);
      return timeout < 0 ? SOON_MILLIS : Math.min(timeout, SOON_MILLIS);
    }
  }

  static int readyOps(WireHooks hooks, SelectionKey key, int events) {
    try {
      return hooks.readyOps(key, events);
    } catch (Throwable e) {
      report(hooks, "readyOps", e);
      passErrors(e);
      return events;
    }
  }

  static void wakeup(WireHooks hooks, Object selector) {
    try {
      hooks.wakeup(selector);
    } catch (Throwable e) {
      report(hooks, "wakeup", e);
      passErrors(e);
    }
  }

  static int afterSelect(
      WireHooks hooks, Object selector, @Nullable Consumer<?> action, int updated, long timeout)
      throws IOException {
    try {
      return hooks.afterSelect(selector, action, updated, timeout);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      report(hooks, "afterSelect", e);
      passErrors(e);
      return updated;
    }
  }

  // ---- faults ----

  private static SocketException aborted(WireSession session, String call, Throwable e) {
    abort(session, call, e);
    passErrors(e);
    return new SocketException(sentence(call, e));
  }

  /** Whatever else goes wrong: the first fault is the one to tell. */
  private static void abort(WireSession session, String call, Throwable e) {
    keepInterrupt(e);
    try {
      session.abort(e);
    } catch (Throwable again) {
      // It is aborted as far as it could be without memory or stack; see its contract.
    }
    report(Wire.hooks(), call, e);
  }

  private static void report(@Nullable WireHooks hooks, String call, Throwable e) {
    keepInterrupt(e);
    try {
      if (hooks != null) {
        hooks.faulted(call, e);
      }
    } catch (Throwable again) {
      // observing fails open
    }
  }

  private static void keepInterrupt(Throwable e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }

  /** Rethrows what is the application's own trouble, too. */
  @SuppressWarnings("removal") // ThreadDeath, as long as there is a JDK that throws it
  private static void passErrors(Throwable e) {
    if (e instanceof VirtualMachineError || e instanceof ThreadDeath) {
      throw (Error) e;
    }
  }

  private static String sentence(String call, Throwable e) {
    return "the mesh itself failed in " + call + ": " + e;
  }
}
