package dev.weft.agent.wire;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells the JDK's asynchronous channels (Linux and other Unixes) what their port, which knows the
 * kernel only, cannot tell them. Thread-safe.
 *
 * <p>Locks: a channel calls us with its own locks held (closing, then update, read or write), and
 * we take a connection's locks inside them. So nothing of a channel is called with a connection's
 * lock held: {@link #lookAgain} goes to a thread that holds none.
 *
 * <p>Threads: completion handlers run where the JDK would run them. The JDK's own way to deliver an
 * event depends on the kind of group, and so does ours: the threads of a fixed group take it as a
 * task; for any other group a thread of the JDK's that runs no handlers (the one of its time
 * limits) finishes the operation and hands the handler to the pool. A pool whose threads all wait
 * for futures is not waited for.
 */
final class AsynchronousChannels {
  private static final int IDLE_SECONDS = 30;

  private static final MethodHandle BEGIN;
  private static final MethodHandle END;
  private static final MethodHandle UPDATE_EVENTS;
  private static final MethodHandle ON_EVENT;
  private static final MethodHandle GROUP;
  private static final MethodHandle FIXED;
  private static final MethodHandle EXECUTE;
  private static final MethodHandle SCHEDULE;

  static {
    String channel = "sun.nio.ch.UnixAsynchronousSocketChannelImpl";
    String base = "sun.nio.ch.AsynchronousSocketChannelImpl";
    String group = "sun.nio.ch.AsynchronousChannelGroupImpl";
    BEGIN = method(base, "begin", void.class);
    END = method(base, "end", void.class);
    UPDATE_EVENTS = method(channel, "lockAndUpdateEvents", void.class);
    ON_EVENT = method(channel, "onEvent", void.class, int.class, boolean.class);
    GROUP = method(channel, "group", Object.class);
    FIXED = method(group, "isFixedThreadPool", boolean.class);
    EXECUTE = method(group, "executeOnPooledThread", void.class, Runnable.class);
    SCHEDULE = method(group, "schedule", void.class, Runnable.class, long.class, TimeUnit.class);
  }

  private static final Executor EVENTS = events();

  private AsynchronousChannels() {}

  /** Other events count from now on: a channel with pending operations waits for those. */
  static void lookAgain(Object channel) {
    EVENTS.execute(() -> updateEvents(channel));
  }

  private static void updateEvents(Object channel) {
    try {
      try {
        BEGIN.invokeExact(channel); // keeps the descriptor and the port open
        UPDATE_EVENTS.invokeExact(channel);
      } finally {
        END.invokeExact(channel); // also when begin has thrown: it holds the lock even then
      }
    } catch (ClosedChannelException nobodyWaits) {
      // the close has failed all pending operations
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /**
   * A pending read would return at once. Called by the channel itself, with its locks held, so that
   * the read happens on another thread. One event too many is harmless: without a pending read it
   * does nothing.
   */
  static void readable(Object channel) {
    try {
      Object group = (Object) GROUP.invokeExact(channel);
      boolean fixed = (boolean) FIXED.invokeExact(group);
      Runnable event = () -> onEvent(channel, fixed);
      if (fixed) {
        EXECUTE.invokeExact(group, event);
      } else {
        SCHEDULE.invokeExact(group, event, 0L, TimeUnit.NANOSECONDS);
      }
    } catch (RejectedExecutionException ended) {
      // the group has ended, and its channels with it
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  private static void onEvent(Object channel, boolean mayInvokeHandler) {
    try {
      ON_EVENT.invokeExact(channel, NativeIo.POLLIN, mayInvokeHandler);
    } catch (Throwable e) {
      throw unchecked(e); // a handler's, as on any event
    }
  }

  /**
   * One thread, when there is work. Not of the agent's own group: the JDK may start threads for the
   * application from it, and those would take the group over and pass the mesh by.
   */
  private static Executor events() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    ThreadGroup group = root;
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(group, task, "weft-wire-events", 0, false);
              thread.setDaemon(true);
              thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  private static MethodHandle method(
      String type, String name, Class<?> result, Class<?>... parameters) {
    try {
      Method method = Class.forName(type, false, null).getDeclaredMethod(name, parameters);
      method.setAccessible(true);
      return MethodHandles.lookup()
          .unreflect(method)
          .asType(MethodType.methodType(result, parameters).insertParameterTypes(0, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK has no " + type + "." + name, e);
    }
  }

  private static RuntimeException unchecked(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    if (e instanceof RuntimeException runtime) {
      throw runtime;
    }
    throw new IllegalStateException(e);
  }
}
