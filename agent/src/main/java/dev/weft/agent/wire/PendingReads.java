package dev.weft.agent.wire;

import dev.weft.bootstrap.Wire;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Channels for which we hold bytes that the kernel does not: their selectors must report them
 * readable. The cost of a select is that of the pending channels, not of all; with none pending it
 * is one read of a counter.
 *
 * <p>No wake-up is lost: who finds bytes notes them in the connection first and marks the key then;
 * who finds a key without bytes takes it out first and looks again then. And before a selector
 * waits, every key that wants to read and has no bytes has been taken out, so that marking it is
 * new and wakes the selector. Thread-safe.
 */
final class PendingReads {
  private final AtomicInteger count = new AtomicInteger();
  private final Map<Selector, Set<SelectionKey>> bySelector = new ConcurrentHashMap<>();
  private final Predicate<SelectionKey> undelivered;

  PendingReads() {
    this(PendingReads::undelivered);
  }

  /** {@code undelivered} tells whether a read of the key's channel would return something. */
  PendingReads(Predicate<SelectionKey> undelivered) {
    this.undelivered = undelivered;
  }

  /** The channel has undelivered bytes: its selectors shall look again. */
  void mark(Object channel) {
    for (SelectionKey key : NativeIo.keys(channel)) {
      if (key != null) {
        mark(key);
      }
    }
  }

  void mark(SelectionKey key) {
    if (key.isValid() && add(key) && wantsRead(key)) {
      key.selector().wakeup();
    }
  }

  /** {@link #mark} by a selector that has begun to select: it must not wait now. */
  void markSelecting(Object channel) {
    for (SelectionKey key : NativeIo.keys(channel)) {
      if (key != null && key.isValid()) {
        add(key);
        if (wantsRead(key)) {
          key.selector().wakeup();
        }
      }
    }
  }

  /** The channel is closed. */
  void forget(Object channel) {
    if (count.get() == 0) {
      return;
    }
    for (SelectionKey key : NativeIo.keys(channel)) {
      if (key != null) {
        remove(key.selector(), key);
      }
    }
  }

  /** Keys that are held; 0 when nothing is pending anywhere. */
  int size() {
    return count.get();
  }

  /** See {@code WireHooks.beforeSelect}. */
  long beforeSelect(Object selector, long timeout) {
    Set<SelectionKey> keys = keys(selector);
    boolean any = false;
    for (SelectionKey key : keys) {
      any |= stillPending((Selector) selector, key) && wantsRead(key);
    }
    return any ? 0 : timeout;
  }

  /** See {@code WireHooks.afterSelect}. */
  int afterSelect(Object selector, @Nullable Consumer<?> action, int updated) throws IOException {
    int total = updated;
    for (SelectionKey key : keys(selector)) {
      if (stillPending((Selector) selector, key) && wantsRead(key)) {
        total += NativeIo.processReady(selector, NativeIo.POLLIN, key, action);
      }
    }
    return total;
  }

  private Set<SelectionKey> keys(Object selector) {
    Set<SelectionKey> keys = count.get() == 0 ? null : bySelector.get(selector);
    return keys == null ? Set.of() : keys;
  }

  private boolean stillPending(Selector selector, SelectionKey key) {
    if (key.isValid() && undelivered.test(key)) {
      return true;
    }
    remove(selector, key);
    if (key.isValid() && undelivered.test(key)) {
      add(key);
      return true;
    }
    return false;
  }

  /** False: it is in already. Sets change inside {@code compute} only, or a key could be lost. */
  private boolean add(SelectionKey key) {
    Set<SelectionKey> present = bySelector.get(key.selector());
    if (present != null && present.contains(key)) {
      return false;
    }
    if (present == null) {
      bySelector.keySet().forEach(this::forgetClosed);
    }
    boolean[] added = new boolean[1];
    bySelector.compute(
        key.selector(),
        (selector, keys) -> {
          Set<SelectionKey> set = keys == null ? ConcurrentHashMap.newKeySet() : keys;
          if (set.add(key)) {
            added[0] = true;
            count.incrementAndGet();
          }
          return set;
        });
    return added[0];
  }

  private void remove(Selector selector, SelectionKey key) {
    bySelector.computeIfPresent(
        selector,
        (s, keys) -> {
          if (keys.remove(key)) {
            count.decrementAndGet();
          }
          return keys.isEmpty() ? null : keys;
        });
  }

  /** A closed selector selects no more, so it would keep its keys for ever. */
  private void forgetClosed(Selector selector) {
    if (!selector.isOpen()) {
      bySelector.computeIfPresent(
          selector,
          (s, keys) -> {
            count.addAndGet(-keys.size());
            return null;
          });
    }
  }

  private static boolean wantsRead(SelectionKey key) {
    try {
      return key.isValid() && (key.interestOps() & SelectionKey.OP_READ) != 0;
    } catch (CancelledKeyException e) {
      return false;
    }
  }

  private static boolean undelivered(SelectionKey key) {
    FileDescriptor fd = NativeIo.descriptor(key.channel());
    return Wire.session(fd) instanceof MeshConnection connection && connection.undelivered();
  }
}
