package dev.weft.agent.weaving;

import dev.weft.bootstrap.AsynchronousWire;
import dev.weft.bootstrap.Guard;
import dev.weft.bootstrap.Wire;
import dev.weft.bootstrap.WireSession;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.WritableByteChannel;
import java.util.function.Consumer;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Advice that is inlined into {@code sun.nio.ch} and {@code java.net}. It may refer to the JDK and
 * to {@code dev.weft.bootstrap} only, and must not suppress exceptions: a swallowed refusal would
 * be plaintext.
 */
final class WireAdvice {
  private WireAdvice() {}

  /** {@code int read(FileDescriptor, long, int)}. */
  static final class Read {
    private Read() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static @Nullable WireSession enter(@Advice.Argument(0) FileDescriptor fd) {
      return Wire.session(fd);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter @Nullable WireSession session,
        @Advice.Argument(1) long address,
        @Advice.Argument(2) int length,
        @Advice.Return(readOnly = false) int result)
        throws IOException {
      if (session != null) {
        result = Guard.read(session, address, length);
      }
    }
  }

  /** {@code long readv(FileDescriptor, long, int)}. */
  static final class ReadVector {
    private ReadVector() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static @Nullable WireSession enter(@Advice.Argument(0) FileDescriptor fd) {
      return Wire.session(fd);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter @Nullable WireSession session,
        @Advice.Argument(1) long address,
        @Advice.Argument(2) int count,
        @Advice.Return(readOnly = false) long result)
        throws IOException {
      if (session != null) {
        result = Guard.readv(session, address, count);
      }
    }
  }

  /** {@code int write(FileDescriptor, long, int)}. */
  static final class Write {
    private Write() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static @Nullable WireSession enter(@Advice.Argument(0) FileDescriptor fd) {
      return Wire.session(fd);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter @Nullable WireSession session,
        @Advice.Argument(1) long address,
        @Advice.Argument(2) int length,
        @Advice.Return(readOnly = false) int result)
        throws IOException {
      if (session != null) {
        result = Guard.write(session, address, length);
      }
    }
  }

  /** {@code long writev(FileDescriptor, long, int)}. */
  static final class WriteVector {
    private WriteVector() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static @Nullable WireSession enter(@Advice.Argument(0) FileDescriptor fd) {
      return Wire.session(fd);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter @Nullable WireSession session,
        @Advice.Argument(1) long address,
        @Advice.Argument(2) int count,
        @Advice.Return(readOnly = false) long result)
        throws IOException {
      if (session != null) {
        result = Guard.writev(session, address, count);
      }
    }
  }

  /** {@code void close(FileDescriptor)}. */
  static final class Close {
    private Close() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(@Advice.Argument(0) FileDescriptor fd) {
      WireSession session = Wire.session(fd);
      return session != null && Guard.close(session);
    }
  }

  /** {@code void preClose(FileDescriptor)}, {@code preClose(FileDescriptor, long, long)}. */
  static final class PreClose {
    private PreClose() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(@Advice.Argument(0) FileDescriptor fd) {
      WireSession session = Wire.session(fd);
      return session != null && Guard.preClose(session);
    }
  }

  /** {@code NioSocketImpl.park(FileDescriptor, int, long)}. */
  static final class Park {
    private Park() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(
        @Advice.Argument(0) FileDescriptor fd,
        @Advice.Argument(1) int event,
        @Advice.Argument(2) long nanos) {
      return Wire.park(fd, event, nanos);
    }
  }

  /** {@code SelChImpl.park(int, long)}. */
  static final class ParkChannel {
    private ParkChannel() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(
        @Advice.This Object channel,
        @Advice.Argument(0) int event,
        @Advice.Argument(1) long nanos) {
      return Wire.parkChannel(channel, event, nanos);
    }
  }

  /** {@code SocketChannelImpl.beginWrite(boolean)}. */
  static final class BeginWrite {
    private BeginWrite() {}

    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("fd") FileDescriptor fd, @Advice.Argument(0) boolean blocking) {
      Wire.beginWrite(fd, blocking);
    }
  }

  /** {@code SelectionKeyImpl.translateInterestOps()}. */
  static final class Interest {
    private Interest() {}

    @Advice.OnMethodExit
    static void exit(@Advice.This SelectionKey key, @Advice.Return(readOnly = false) int events) {
      events = Wire.interest(key, events);
    }
  }

  /** {@code SocketChannelImpl.translateReadyOps(int, int, SelectionKeyImpl)}. */
  static final class Found {
    private Found() {}

    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("fd") FileDescriptor fd,
        @Advice.Argument(value = 0, readOnly = false) int events) {
      events = Wire.found(fd, events);
    }
  }

  /** {@code WindowsAsynchronousSocketChannelImpl.implConnect(SocketAddress, ...)}. */
  static final class OverlappedConnect {
    private OverlappedConnect() {}

    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(0) SocketAddress remote) {
      Wire.overlappedConnect(remote);
    }
  }

  /** {@code WindowsAsynchronousServerSocketChannelImpl.implAccept(Object, CompletionHandler)}. */
  static final class OverlappedAccept {
    private OverlappedAccept() {}

    @Advice.OnMethodEnter
    static void enter() {
      Wire.overlappedAccept();
    }
  }

  /** {@code UnixAsynchronousSocketChannelImpl.updateEvents()}. */
  static final class AsynchronousEvents {
    private AsynchronousEvents() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(
        @Advice.This Object channel,
        @Advice.FieldValue("port") Object port,
        @Advice.FieldValue("fd") FileDescriptor fd,
        @Advice.FieldValue("readPending") boolean readPending,
        @Advice.FieldValue("writePending") boolean writePending,
        @Advice.FieldValue("connectPending") boolean connectPending) {
      return AsynchronousWire.poll(channel, port, fd, readPending, writePending || connectPending);
    }
  }

  /** {@code UnixAsynchronousSocketChannelImpl.onEvent(int, boolean)}. */
  static final class AsynchronousFound {
    private AsynchronousFound() {}

    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("fd") FileDescriptor fd,
        @Advice.Argument(value = 0, readOnly = false) int events) {
      events = Wire.found(fd, events);
    }
  }

  /** {@code SelectorImpl.doSelect(Consumer, long)}. */
  static final class Select {
    private Select() {}

    @Advice.OnMethodEnter
    static void enter(
        @Advice.This Object selector, @Advice.Argument(value = 1, readOnly = false) long timeout) {
      timeout = Wire.beforeSelect(selector, timeout);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.This Object selector,
        @Advice.Argument(0) Consumer<SelectionKey> action,
        @Advice.Argument(1) long timeout,
        @Advice.Return(readOnly = false) int updated)
        throws IOException {
      updated = Wire.afterSelect(selector, action, updated, timeout);
    }
  }

  /** {@code SelectorImpl.processReadyEvents(int, SelectionKeyImpl, Consumer)}. */
  static final class Ready {
    private Ready() {}

    @Advice.OnMethodEnter
    static void enter(
        @Advice.Argument(value = 0, readOnly = false) int events,
        @Advice.Argument(1) SelectionKey key) {
      events = Wire.readyOps(key, events);
    }
  }

  /** {@code Selector.wakeup()}. */
  static final class Wakeup {
    private Wakeup() {}

    @Advice.OnMethodEnter
    static void enter(@Advice.This Object selector) {
      Wire.wakeup(selector);
    }
  }

  /** {@code FileChannelImpl.transferToDirectly} (17), {@code transferToDirect} (25). */
  static final class Transfer {
    private Transfer() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(@Advice.Argument(2) WritableByteChannel target) {
      return Wire.meshed(target);
    }

    @Advice.OnMethodExit
    static void exit(@Advice.Enter boolean meshed, @Advice.Return(readOnly = false) long result) {
      if (meshed) {
        result = -4; // IOStatus.UNSUPPORTED: the JDK falls back to reading and writing
      }
    }
  }

  /** {@code InetAddress.getAllByName0(String, ...)}. */
  static final class Resolve {
    private Resolve() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static InetAddress @Nullable [] enter(@Advice.Argument(0) String host)
        throws UnknownHostException {
      return Wire.resolve(host);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter InetAddress @Nullable [] mesh,
        @Advice.Return(readOnly = false) InetAddress[] addresses) {
      if (mesh != null) {
        addresses = mesh;
      }
    }
  }

  /** {@code InetAddress.getHostFromNameService(InetAddress, ...)}. */
  static final class Name {
    private Name() {}

    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static @Nullable String enter(@Advice.Argument(0) InetAddress address) {
      return Wire.name(address);
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Enter @Nullable String mesh, @Advice.Return(readOnly = false) String name) {
      if (mesh != null) {
        name = mesh;
      }
    }
  }
}
