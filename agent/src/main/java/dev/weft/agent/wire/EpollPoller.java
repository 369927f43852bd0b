package dev.weft.agent.wire;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.util.function.IntConsumer;

/** An epoll of our own, by the JDK's natives: Linux. */
final class EpollPoller implements Poller {
  private static final int ADD = 1;
  private static final int MODIFY = 3;
  private static final int ONE_SHOT = 1 << 30;
  private static final int NO_ENTRY = 2; // ENOENT
  private static final int BATCH = 128;

  private final int epoll;
  private final long events;

  /** The end of an empty pipe, which is always writable. */
  private final int bell;

  private EpollPoller(int epoll, long events, int bell) {
    this.epoll = epoll;
    this.events = events;
    this.bell = bell;
  }

  /** Whether this platform has it. */
  static boolean present() {
    return NativeIo.present("sun.nio.ch.EPoll");
  }

  static EpollPoller open() throws IOException {
    try {
      return new EpollPoller(
          (int) Epoll.CREATE.invokeExact(),
          (long) Epoll.ARRAY.invokeExact(BATCH),
          (int) (long) Epoll.PIPE.invokeExact(false));
    } catch (Throwable e) {
      throw NativeIo.io(e);
    }
  }

  @Override
  public void arm(int number, int wanted) {
    int armed = wanted | ONE_SHOT;
    if (control(MODIFY, number, armed) == NO_ENTRY) {
      control(ADD, number, armed);
    }
  }

  /** 0 or errno. A descriptor that has been closed meanwhile is nobody's any more. */
  private int control(int operation, int number, int armed) {
    try {
      return (int) Epoll.CONTROL.invokeExact(epoll, operation, number, armed);
    } catch (Throwable e) {
      throw NativeIo.unchecked(e);
    }
  }

  @Override
  public void disarm(int number) {
    // One report too many costs less than another system call for each connection.
  }

  @Override
  public void wake() {
    arm(bell, NativeIo.POLLOUT);
  }

  @Override
  public void poll(int millis, IntConsumer ready) throws IOException {
    try {
      int n = (int) Epoll.WAIT.invokeExact(epoll, events, BATCH, millis);
      for (int i = 0; i < n; i++) {
        long event = (long) Epoll.EVENT.invokeExact(events, i);
        int number = (int) Epoll.DESCRIPTOR.invokeExact(event);
        if (number != bell) {
          ready.accept(number);
        }
      }
    } catch (Throwable e) {
      throw NativeIo.io(e);
    }
  }

  /** Apart: elsewhere the class is missing. */
  private static final class Epoll {
    private static final Class<?> TYPE = NativeIo.type("sun.nio.ch.EPoll");

    static final MethodHandle CREATE = NativeIo.statik(TYPE, "create", int.class);
    static final MethodHandle CONTROL =
        NativeIo.statik(TYPE, "ctl", int.class, int.class, int.class, int.class, int.class);
    static final MethodHandle WAIT =
        NativeIo.statik(TYPE, "wait", int.class, int.class, long.class, int.class, int.class);
    static final MethodHandle ARRAY =
        NativeIo.statik(TYPE, "allocatePollArray", long.class, int.class);
    static final MethodHandle EVENT =
        NativeIo.statik(TYPE, "getEvent", long.class, long.class, int.class);
    static final MethodHandle DESCRIPTOR =
        NativeIo.statik(TYPE, "getDescriptor", int.class, long.class);
    static final MethodHandle PIPE = // both ends in a long, the writable one below
        NativeIo.statik(NativeIo.type("sun.nio.ch.IOUtil"), "makePipe", long.class, boolean.class);
  }
}
