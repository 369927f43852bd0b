package dev.weft.agent.wire;

import dev.weft.bootstrap.Wire;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Channels for which we hold bytes that the kernel does not: their selectors must report them
 * readable. The cost of a select is that of the pending channels, not of all; with none pending it
 * is one read of a counter. Thread-safe.
 */
final class PendingReads {
  private final AtomicInteger count = new AtomicInteger();
  private final Map<Object, Set<SelectionKey>> bySelector = new ConcurrentHashMap<>();

  /** The channel has undelivered bytes: its selectors shall look again. */
  void mark(Object channel) {
    for (SelectionKey key : NativeIo.keys(channel)) {
      if (key == null || !key.isValid()) {
        continue;
      }
      Set<SelectionKey> keys =
          bySelector.computeIfAbsent(key.selector(), s -> ConcurrentHashMap.newKeySet());
      if (keys.add(key)) {
        count.incrementAndGet();
        if (wantsRead(key)) {
          key.selector().wakeup();
        }
      }
    }
  }

  /** The channel is closed. */
  void forget(Object channel) {
    for (SelectionKey key : NativeIo.keys(channel)) {
      Set<SelectionKey> keys = key == null ? null : bySelector.get(key.selector());
      if (key != null && keys != null) {
        remove(keys, key);
      }
    }
  }

  /** See {@code WireHooks.beforeSelect}. */
  long beforeSelect(Object selector, long timeout) {
    if (count.get() == 0) {
      return timeout;
    }
    Set<SelectionKey> keys = bySelector.get(selector);
    if (keys != null) {
      for (SelectionKey key : keys) {
        if (wantsRead(key) && undelivered(key)) {
          return 0;
        }
      }
    }
    return timeout;
  }

  /** See {@code WireHooks.afterSelect}. */
  int afterSelect(Object selector, @Nullable Consumer<?> action, int updated) throws IOException {
    if (count.get() == 0) {
      return updated;
    }
    Set<SelectionKey> keys = bySelector.get(selector);
    if (keys == null) {
      return updated;
    }
    int total = updated;
    for (SelectionKey key : keys) {
      if (!key.isValid() || !undelivered(key)) {
        remove(keys, key);
      } else if (wantsRead(key)) {
        total += NativeIo.processReady(selector, NativeIo.POLLIN, key, action);
      }
    }
    if (keys.isEmpty()) {
      bySelector.remove(selector, Set.of());
    }
    return total;
  }

  private void remove(Set<SelectionKey> keys, SelectionKey key) {
    if (keys.remove(key)) {
      count.decrementAndGet();
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
