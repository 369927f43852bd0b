package dev.weft.agent.wire;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What those who wait for a connection must know and the kernel does not tell them: that we hold
 * undelivered bytes, and that the events to wait for are others now. They are the selectors of its
 * channel, or its asynchronous channel. Thread-safe.
 */
final class Readiness {
  private final PendingReads pending;
  private volatile @Nullable Object channel; // the SocketChannelImpl, once it met a selector
  private volatile @Nullable Object asynchronous; // the channel, once it has waited
  private volatile boolean undelivered;

  Readiness(PendingReads pending) {
    this.pending = pending;
  }

  /** Whether we hold bytes for the reader. */
  boolean undelivered() {
    return undelivered;
  }

  /** A selector begins to wait for the channel. */
  void register(Object registered) {
    channel = registered;
  }

  /** {@link #register}, and a read would return at once: the selector must not wait now. */
  void registerReadable(Object registered) {
    channel = registered;
    pending.markSelecting(registered);
  }

  /** An asynchronous channel begins to wait. */
  void registerAsynchronous(Object registered) {
    asynchronous = registered;
  }

  /**
   * What {@link #undelivered} says from now on. No selector hears of it before {@link #changed}:
   * who reads sooner would find the connection still in its handshake.
   */
  void settling(boolean left) {
    undelivered = left;
  }

  /** After a read: whether bytes are left here. */
  void note(boolean left) {
    undelivered = left;
    Object registered = channel;
    if (left && registered != null) {
      pending.mark(registered);
    }
  }

  /** Other events count from now on; {@code readable}: a read would return at once. */
  void changed(boolean readable) {
    Object registered = channel;
    if (registered != null) {
      if (readable) {
        pending.mark(registered);
      }
      translateAnew(registered, pending::wake);
    }
    Object waiting = asynchronous;
    if (waiting != null) {
      AsynchronousChannels.lookAgain(waiting);
    }
  }

  /** There is no room for writes any more: a selector must not call the socket writable. */
  void full() {
    Object registered = channel;
    if (registered != null) {
      translateAnew(registered, selector -> {});
    }
  }

  /** The channel is closed. */
  void forget() {
    Object registered = channel;
    if (registered != null) {
      pending.forget(registered);
    }
  }

  /** Selectors shall ask for the events anew, when they next wait; {@code then} is told each. */
  private static void translateAnew(Object registered, Consumer<Selector> then) {
    for (SelectionKey key : NativeIo.keys(registered)) {
      if (key != null && key.isValid()) {
        try {
          NativeIo.refresh(key);
          then.accept(key.selector());
        } catch (ClosedSelectorException nobodyWaits) {
          // closed between the check and the call
        }
      }
    }
  }
}
