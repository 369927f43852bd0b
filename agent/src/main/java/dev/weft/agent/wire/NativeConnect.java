package dev.weft.agent.wire;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's private parts that a connect call needs which may be sent elsewhere while it lasts.
 * Like {@link NativeIo}, fails at start where the JDK is unlike what is known.
 */
final class NativeConnect {
  private static final Class<?> SOCKET = NativeIo.type("sun.nio.ch.NioSocketImpl");
  private static final Class<?> CHANNEL = NativeIo.type("sun.nio.ch.SocketChannelImpl");

  private static final MethodHandle CONFIGURE_BLOCKING =
      NativeIo.statik(
          NativeIo.type("sun.nio.ch.IOUtil"),
          "configureBlocking",
          void.class,
          FileDescriptor.class,
          boolean.class);

  /** {@code connect(2)} with AF_UNSPEC: on Linux it also ends what TCP was about to do. */
  private static final MethodHandle DISCONNECT =
      NativeIo.statik(
          NativeIo.type("sun.nio.ch.DatagramChannelImpl"),
          "disconnect0",
          void.class,
          FileDescriptor.class,
          boolean.class);

  private static final MethodHandle SOCKET_NON_BLOCKING = flag(SOCKET, "nonBlocking");

  /** 25: whether a virtual thread has made a channel non-blocking under its surface. */
  private static final @Nullable MethodHandle CHANNEL_FORCED = forced();

  private NativeConnect() {}

  /** Loads everything, or fails. */
  static void init() {
    // the initialiser has done it
  }

  /**
   * Whether a connect call on the descriptor of this {@code SocketChannelImpl} or {@code
   * NioSocketImpl} waits in the kernel. Asked under the channel's own locks, inside its connect.
   */
  static boolean waits(Object channel) {
    try {
      if (SOCKET.isInstance(channel)) {
        return !(boolean) SOCKET_NON_BLOCKING.invokeExact(channel);
      }
      return channel instanceof SelectableChannel selectable
          && selectable.isBlocking()
          && !(CHANNEL_FORCED != null && (boolean) CHANNEL_FORCED.invokeExact(channel));
    } catch (Throwable e) {
      throw NativeIo.unchecked(e);
    }
  }

  /** Whether it is the JDK's own kind of channel that a selector may know. */
  static boolean selectable(Object channel) {
    return CHANNEL.isInstance(channel);
  }

  /** O_NONBLOCK. */
  static void configureBlocking(FileDescriptor fd, boolean on) throws IOException {
    try {
      CONFIGURE_BLOCKING.invokeExact(fd, on);
    } catch (Throwable e) {
      throw NativeIo.io(e);
    }
  }

  /** Makes a socket whose connect is in progress, or has failed, ready for another one. */
  static void disconnect(FileDescriptor fd) throws IOException {
    try {
      DISCONNECT.invokeExact(fd, false);
    } catch (Throwable e) {
      throw NativeIo.io(e);
    }
  }

  private static MethodHandle flag(Class<?> owner, String name) {
    try {
      return MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
          .findGetter(owner, name, boolean.class)
          .asType(MethodType.methodType(boolean.class, Object.class));
    } catch (ReflectiveOperationException e) {
      throw NativeIo.unknownJdk(e);
    }
  }

  private static @Nullable MethodHandle forced() {
    for (Field field : CHANNEL.getDeclaredFields()) {
      if (field.getName().equals("forcedNonBlocking")) {
        return flag(CHANNEL, "forcedNonBlocking");
      }
    }
    return null; // 17 has no virtual threads
  }
}
