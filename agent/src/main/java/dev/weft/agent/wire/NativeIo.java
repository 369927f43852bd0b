package dev.weft.agent.wire;

import dev.weft.bootstrap.Wire;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's private socket calls, by constant method handles. The agent has opened the packages to
 * us with {@code redefineModule}. A JDK whose members differ fails in the initialiser, at start,
 * before anything is woven. Where they sit depends on the JDK and on the platform; what differs is
 * looked for, never assumed.
 */
final class NativeIo {
  static final int POLLIN;
  static final int POLLOUT;
  static final int POLLERR;
  static final int POLLHUP;

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final Class<?> NET = type("sun.nio.ch.Net");
  private static final Class<?> DISPATCHER = type("sun.nio.ch.SocketDispatcher");

  private static final MethodHandle READ = io("read0", DISPATCHER);
  // write0 sits in FileDispatcherImpl on 17 and in SocketDispatcher on 25.
  private static final MethodHandle WRITE = io("write0", writer());
  private static final MethodHandle READV = vector("readv0", DISPATCHER);
  private static final MethodHandle WRITEV = vector("writev0", writer());
  private static final MethodHandle CLOSE = closer();
  private static final MethodHandle POLL =
      statik(NET, "poll", int.class, FileDescriptor.class, int.class, long.class);
  private static final MethodHandle SHUTDOWN =
      statik(NET, "shutdown", void.class, FileDescriptor.class, int.class);
  private static final MethodHandle AVAILABLE =
      statik(NET, "available", int.class, FileDescriptor.class);
  private static final MethodHandle LOCAL_ADDRESS =
      statik(NET, "localAddress", InetSocketAddress.class, FileDescriptor.class);
  private static final MethodHandle IPV6 = statik(NET, "isIPv6Available", boolean.class);
  private static final MethodHandle SET_OPTION =
      statik(
          NET,
          "setSocketOption",
          void.class,
          FileDescriptor.class,
          SocketOption.class,
          Object.class);
  private static final MethodHandle GET_OPTION =
      statik(NET, "getSocketOption", Object.class, FileDescriptor.class, SocketOption.class);
  private static final MethodHandle BUFFER = buffer();
  private static final MethodHandle DESCRIPTOR =
      statik(type("sun.nio.ch.IOUtil"), "newFD", FileDescriptor.class, int.class);

  private static final MethodHandle KEYS;
  private static final MethodHandle KEY_LOCK;
  private static final MethodHandle CHANNEL_FD;
  private static final MethodHandle SET_EVENT_OPS;
  private static final MethodHandle PROCESS_READY;
  private static final MethodHandle SELECT;

  static {
    try {
      POLLIN = constant("POLLIN");
      POLLOUT = constant("POLLOUT");
      POLLERR = constant("POLLERR");
      POLLHUP = constant("POLLHUP");
      Class<?> channel = java.nio.channels.spi.AbstractSelectableChannel.class;
      MethodHandles.Lookup inChannel = MethodHandles.privateLookupIn(channel, LOOKUP);
      KEYS =
          inChannel
              .findGetter(channel, "keys", SelectionKey[].class)
              .asType(MethodType.methodType(SelectionKey[].class, Object.class));
      KEY_LOCK =
          inChannel
              .findGetter(channel, "keyLock", Object.class)
              .asType(MethodType.methodType(Object.class, Object.class));
      Class<?> selectable = type("sun.nio.ch.SelChImpl");
      CHANNEL_FD =
          LOOKUP
              .unreflect(opened(selectable.getDeclaredMethod("getFD")))
              .asType(MethodType.methodType(FileDescriptor.class, Object.class));
      Class<?> selector = type("sun.nio.ch.SelectorImpl");
      Class<?> key = type("sun.nio.ch.SelectionKeyImpl");
      SET_EVENT_OPS =
          LOOKUP
              .unreflect(opened(selector.getDeclaredMethod("setEventOps", key)))
              .asType(MethodType.methodType(void.class, Object.class, Object.class));
      PROCESS_READY =
          LOOKUP
              .unreflect(
                  opened(
                      selector.getDeclaredMethod(
                          "processReadyEvents", int.class, key, Consumer.class)))
              .asType(
                  MethodType.methodType(
                      int.class, Object.class, int.class, Object.class, Consumer.class));
      SELECT =
          LOOKUP
              .unreflect(opened(selector.getDeclaredMethod("doSelect", Consumer.class, long.class)))
              .asType(MethodType.methodType(int.class, Object.class, Consumer.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
  }

  private NativeIo() {}

  /** {@code read(2)}: bytes, or a constant of {@link Transport}. */
  static int read(FileDescriptor fd, ByteBuffer target) throws IOException {
    int position = target.position();
    try {
      int n = (int) READ.invokeExact(fd, address(target) + position, target.remaining());
      if (n > 0) {
        target.position(position + n);
      }
      return n;
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code read(2)} into native memory. */
  static int read(FileDescriptor fd, long address, int length) throws IOException {
    try {
      return (int) READ.invokeExact(fd, address, length);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code write(2)}: bytes, or a constant of {@link Transport}. */
  static int write(FileDescriptor fd, ByteBuffer source) throws IOException {
    int position = source.position();
    try {
      int n = (int) WRITE.invokeExact(fd, address(source) + position, source.remaining());
      if (n > 0) {
        source.position(position + n);
      }
      return n;
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code write(2)} from native memory. */
  static int write(FileDescriptor fd, long address, int length) throws IOException {
    try {
      return (int) WRITE.invokeExact(fd, address, length);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code readv(2)} into an array of {@code struct iovec}. */
  static long readv(FileDescriptor fd, long vectors, int count) throws IOException {
    try {
      return (long) READV.invokeExact(fd, vectors, count);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code writev(2)} from an array of {@code struct iovec}. */
  static long writev(FileDescriptor fd, long vectors, int count) throws IOException {
    try {
      return (long) WRITEV.invokeExact(fd, vectors, count);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code poll(2)} without waiting: the events that are ready. */
  static int ready(FileDescriptor fd, int events) throws IOException {
    try {
      return (int) POLL.invokeExact(fd, events, 0L);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code ioctl(FIONREAD)}. */
  static int available(FileDescriptor fd) throws IOException {
    try {
      return (int) AVAILABLE.invokeExact(fd);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code shutdown(2)}: 0 reading, 1 writing, 2 both. */
  static void shutdown(FileDescriptor fd, int how) throws IOException {
    try {
      SHUTDOWN.invokeExact(fd, how);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code close(2)}. */
  static void close(FileDescriptor fd) throws IOException {
    try {
      CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** Whether this JVM's sockets speak IPv6. */
  static boolean ipv6() {
    try {
      return (boolean) IPV6.invokeExact();
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** {@code getsockname(2)}. */
  static InetSocketAddress localAddress(FileDescriptor fd) throws IOException {
    try {
      return (InetSocketAddress) LOCAL_ADDRESS.invokeExact(fd);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** Sends segments as they come (TCP_NODELAY). */
  static void noDelay(FileDescriptor fd) throws IOException {
    option(fd, StandardSocketOptions.TCP_NODELAY, true);
  }

  private static <T> void option(FileDescriptor fd, SocketOption<T> name, T value)
      throws IOException {
    try {
      SET_OPTION.invokeExact(fd, (SocketOption) name, (Object) value);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** SO_SNDBUF in bytes. */
  static int sendBuffer(FileDescriptor fd) throws IOException {
    return option(fd, StandardSocketOptions.SO_SNDBUF);
  }

  static void sendBuffer(FileDescriptor fd, int size) throws IOException {
    option(fd, StandardSocketOptions.SO_SNDBUF, size);
  }

  /** Closing never waits, whatever SO_LINGER the application has set. */
  static void noLinger(FileDescriptor fd) throws IOException {
    option(fd, StandardSocketOptions.SO_LINGER, -1);
  }

  /** SO_LINGER in seconds; negative: off. */
  static int linger(FileDescriptor fd) throws IOException {
    return option(fd, StandardSocketOptions.SO_LINGER);
  }

  /** Whether the descriptor is a TCP socket, and not, say, a datagram one. */
  static boolean tcp(FileDescriptor fd) {
    try {
      option(fd, StandardSocketOptions.TCP_NODELAY);
      return true;
    } catch (IOException noSuchOption) {
      return false;
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> T option(FileDescriptor fd, SocketOption<T> name) throws IOException {
    try {
      return (T) (Object) GET_OPTION.invokeExact(fd, (SocketOption) name);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** A buffer on native memory that somebody else owns. */
  static ByteBuffer buffer(long address, int length) {
    try {
      return (ByteBuffer) BUFFER.invokeExact(address, length);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** A second object for the same descriptor number. */
  static FileDescriptor copy(FileDescriptor fd) {
    return descriptor(Wire.number(fd));
  }

  /** An object for a descriptor number. */
  static FileDescriptor descriptor(int number) {
    try {
      return (FileDescriptor) DESCRIPTOR.invokeExact(number);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** The keys under which a channel is registered; elements may be null. */
  static SelectionKey[] keys(Object channel) {
    try {
      synchronized ((Object) KEY_LOCK.invokeExact(channel)) {
        SelectionKey @Nullable [] keys = (SelectionKey[]) KEYS.invokeExact(channel);
        return keys == null ? new SelectionKey[0] : keys.clone();
      }
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** The descriptor of a {@code SelChImpl}. */
  static FileDescriptor descriptor(Object channel) {
    try {
      return (FileDescriptor) CHANNEL_FD.invokeExact(channel);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Makes the selector translate the key's interest anew before it next waits. */
  static void refresh(SelectionKey key) {
    try {
      SET_EVENT_OPS.invokeExact((Object) key.selector(), (Object) key);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** {@code SelectorImpl.processReadyEvents}: 1 when the key has become ready. */
  static int processReady(
      Object selector, int events, SelectionKey key, @Nullable Consumer<?> action)
      throws IOException {
    try {
      return (int) PROCESS_READY.invokeExact(selector, events, (Object) key, (Consumer) action);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  /** {@code SelectorImpl.doSelect}, by the thread that is selecting: the number of keys updated. */
  static int select(Object selector, @Nullable Consumer<?> action, long timeout)
      throws IOException {
    try {
      return (int) SELECT.invokeExact(selector, (Consumer) action, timeout);
    } catch (Throwable e) {
      throw io(e);
    }
  }

  private static long address(ByteBuffer direct) {
    try {
      return (long) Holder.ADDRESS.invokeExact((java.nio.Buffer) direct);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Apart, because it must be initialised before the constants above may be used. */
  private static final class Holder {
    static final MethodHandle ADDRESS;

    static {
      try {
        ADDRESS =
            MethodHandles.privateLookupIn(java.nio.Buffer.class, LOOKUP)
                .findGetter(java.nio.Buffer.class, "address", long.class);
      } catch (ReflectiveOperationException e) {
        throw unknownJdk(e);
      }
    }
  }

  static IOException io(Throwable e) throws IOException {
    if (e instanceof IOException io) {
      throw io;
    }
    throw unchecked(e);
  }

  static RuntimeException unchecked(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    if (e instanceof RuntimeException runtime) {
      throw runtime;
    }
    throw new IllegalStateException(e);
  }

  static IllegalStateException unknownJdk(ReflectiveOperationException e) {
    return new IllegalStateException(
        "this JDK's sockets are not as expected: " + e.getMessage(), e);
  }

  static Class<?> type(String name) {
    try {
      return Class.forName(name, false, null);
    } catch (ClassNotFoundException e) {
      throw unknownJdk(e);
    }
  }

  private static Class<?> writer() {
    for (java.lang.reflect.Method method : DISPATCHER.getDeclaredMethods()) {
      if (method.getName().equals("write0")) {
        return DISPATCHER;
      }
    }
    return type("sun.nio.ch.FileDispatcherImpl");
  }

  /** Windows, then Unix on 25, then Unix on 17; each lacks what the ones before it have. */
  private static MethodHandle closer() {
    for (String[] candidate :
        new String[][] {
          {"sun.nio.ch.SocketDispatcher", "invalidateAndClose"},
          {"sun.nio.ch.UnixDispatcher", "close0"},
          {"sun.nio.ch.FileDispatcherImpl", "close0"}
        }) {
      if (declares(candidate[0], candidate[1], FileDescriptor.class)) {
        return statik(type(candidate[0]), candidate[1], void.class, FileDescriptor.class);
      }
    }
    throw new IllegalStateException("this JDK's sockets cannot be closed");
  }

  /** Whether this JDK has the class. */
  static boolean present(String name) {
    try {
      Class.forName(name, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static boolean declares(String type, String method, Class<?>... parameters) {
    try {
      return present(type) && type(type).getDeclaredMethod(method, parameters) != null;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  private static MethodHandle io(String name, Class<?> owner) {
    return statik(owner, name, int.class, FileDescriptor.class, long.class, int.class);
  }

  private static MethodHandle vector(String name, Class<?> owner) {
    return statik(owner, name, long.class, FileDescriptor.class, long.class, int.class);
  }

  static MethodHandle statik(Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
    try {
      // Initialised first: else each handle gets a second form, and class, that waits for that.
      Class.forName(owner.getName(), true, null);
      return LOOKUP
          .unreflect(opened(owner.getDeclaredMethod(name, parameters)))
          .asType(MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
  }

  private static java.lang.reflect.Method opened(java.lang.reflect.Method method) {
    method.setAccessible(true);
    return method;
  }

  private static MethodHandle buffer() {
    try {
      Class<?> direct = Class.forName("java.nio.DirectByteBuffer", false, null);
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(direct, LOOKUP);
      MethodHandle constructor;
      try {
        constructor =
            lookup.findConstructor(
                direct, MethodType.methodType(void.class, long.class, long.class));
      } catch (NoSuchMethodException e) {
        constructor =
            lookup.findConstructor(
                direct, MethodType.methodType(void.class, long.class, int.class));
      }
      return constructor.asType(MethodType.methodType(ByteBuffer.class, long.class, int.class));
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
  }

  private static int constant(String name) throws ReflectiveOperationException {
    java.lang.reflect.Field field = NET.getDeclaredField(name);
    field.setAccessible(true);
    return field.getShort(null);
  }
}
