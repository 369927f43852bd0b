package dev.weft.bootstrap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.net.ConnectException;

/**
 * What the woven {@code UnixAsynchronousSocketChannelImpl} calls around its waiting for the kernel.
 * Apart from {@link Wire}, because the class that it knows is missing on Windows.
 */
public final class AsynchronousWire {
  private static final int POLLIN = Raw.constant("POLLIN");
  private static final int POLLOUT = Raw.constant("POLLOUT");
  private static final MethodHandle START_POLL =
      Raw.method("sun.nio.ch.Port", "startPoll", int.class, int.class);

  private static final MethodHandle CHECK_CONNECT =
      Raw.method("sun.nio.ch.UnixAsynchronousSocketChannelImpl", "checkConnect", int.class);
  private static final MethodHandle FD =
      Raw.getter("sun.nio.ch.AsynchronousSocketChannelImpl", "fd")
          .asType(MethodType.methodType(FileDescriptor.class, Object.class));

  private AsynchronousWire() {}

  /** As {@link Raw#initialise}. */
  static void initialise() {
    // loading this class has done it
  }

  /**
   * {@code checkConnect}, called by {@code channel} when its connect is over.
   *
   * @throws IOException when it has failed
   */
  public static void checkConnect(int number, Object channel) throws IOException {
    try {
      WireSession session = Wire.session((FileDescriptor) FD.invokeExact(channel));
      if (session == null) {
        CHECK_CONNECT.invokeExact(number);
      } else if (!Guard.connected(session)) {
        throw new ConnectException("Connection reset while it was made");
      }
    } catch (Throwable e) {
      throw Wire.sneaky(e);
    }
  }

  /**
   * {@code updateEvents}: waits for pending operations in the channel's place.
   *
   * @return false: the channel is not of the mesh, the JDK shall do it
   */
  public static boolean poll(
      Object channel, Object port, FileDescriptor fd, boolean reads, boolean writes) {
    WireSession session = Wire.session(fd);
    if (session == null) {
      return false;
    }
    int wanted = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
    int events = wanted == 0 ? 0 : Guard.poll(session, channel, wanted);
    if (events != 0) {
      try {
        START_POLL.invokeExact(port, Wire.number(fd), events);
      } catch (Throwable e) {
        throw Wire.sneaky(e);
      }
    }
    return true;
  }
}
