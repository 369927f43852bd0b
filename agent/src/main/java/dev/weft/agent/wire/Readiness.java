package dev.weft.agent.wire;

import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What those who wait for a connection must know and the kernel does not tell them: that we hold
 * undelivered bytes, and that the events to wait for are others now. They are the selectors of its
 * channel, or its asynchronous channel. Thread-safe.
 *
 * <p>Selectors are known by the keys that have asked for events, not by those that the channel
 * lists: a key asks before the channel lists it, and the list is guarded by a lock that a thread
 * holds while it registers the channel, and while it waits for a lock of the selector that asks us.
 */
final class Readiness {
  private static final SelectionKey[] NONE = {};

  private final PendingReads pending;
  private volatile SelectionKey[] keys = NONE; // changed under our monitor, elements never
  private volatile @Nullable Object asynchronous; // the channel, once it has waited
  private volatile boolean undelivered;

  Readiness(PendingReads pending) {
    this.pending = pending;
  }

  /** Whether we hold bytes for the reader. */
  boolean undelivered() {
    return undelivered;
  }

  /** A selector begins to wait for the key's channel. */
  void register(SelectionKey key) {
    if (!Arrays.asList(keys).contains(key)) {
      add(key);
    }
  }

  private synchronized void add(SelectionKey key) {
    List<SelectionKey> valid = new ArrayList<>();
    for (SelectionKey each : keys) {
      if (each.isValid() && !each.equals(key)) {
        valid.add(each);
      }
    }
    valid.add(key);
    keys = valid.toArray(NONE);
  }

  /** A read would return at once: the selector that asks must not wait now. */
  void readable(SelectionKey key) {
    pending.markSelecting(key);
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
    if (left) {
      mark();
    }
  }

  /** Other events count from now on; {@code readable}: a read would return at once. */
  void changed(boolean readable) {
    if (readable) {
      mark();
    }
    translateAnew(true);
    Object waiting = asynchronous;
    if (waiting != null) {
      AsynchronousChannels.lookAgain(waiting);
    }
  }

  private void mark() {
    for (SelectionKey key : keys) {
      pending.mark(key);
    }
  }

  /** There is no room for writes any more: a selector must not call the socket writable. */
  void full() {
    translateAnew(false);
  }

  /** The channel is closed. */
  void forget() {
    SelectionKey[] last;
    synchronized (this) {
      last = keys;
      keys = NONE;
    }
    for (SelectionKey key : last) {
      pending.forget(key);
    }
  }

  /** Selectors shall ask for the events anew, when they next wait; {@code wake}: and now. */
  private void translateAnew(boolean wake) {
    for (SelectionKey key : keys) {
      if (key.isValid()) {
        try {
          NativeIo.refresh(key);
          if (wake) {
            pending.wake(key.selector());
          }
        } catch (ClosedSelectorException nobodyWaits) {
          // closed between the check and the call
        }
      }
    }
  }
}
