package dev.weft.agent.wire;

import dev.weft.bootstrap.Wire;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Channels for which we hold bytes that the kernel does not: their selectors must report them
 * readable. The cost of a select is that of the pending channels, not of all; with none pending it
 * is a look-up.
 *
 * <p>No wake-up is lost: who finds bytes notes them in the connection first and marks the key then;
 * who finds a key without bytes takes it out first and looks again then. And before a selector
 * waits, every key that wants to read and has no bytes has been taken out, so that marking it is
 * new and wakes the selector.
 *
 * <p>Nor does a selector return because of us with nothing to report: when only we have woken it,
 * it goes on to wait for the rest of its time. Thread-safe.
 */
final class PendingReads {
  private final AtomicInteger count = new AtomicInteger();
  private final Map<Selector, SelectorNews> bySelector = new ConcurrentHashMap<>();
  private final ThreadLocal<Boolean> waking = new ThreadLocal<>();
  private final Predicate<SelectionKey> undelivered;

  PendingReads() {
    this(PendingReads::undelivered);
  }

  /** {@code undelivered} tells whether a read of the key's channel would return something. */
  PendingReads(Predicate<SelectionKey> undelivered) {
    this.undelivered = undelivered;
  }

  // ---- what connections tell ----

  /** The key's channel has undelivered bytes: its selector shall look again. */
  void mark(SelectionKey key) {
    if (key.isValid() && add(key) && wantsRead(key)) {
      wake(key.selector());
    }
  }

  /** {@link #mark} by a selector that has begun to select: it must not wait now. */
  void markSelecting(SelectionKey key) {
    if (key.isValid()) {
      add(key);
      if (wantsRead(key)) {
        wake(key.selector());
      }
    }
  }

  /** The key's channel is closed. */
  void forget(SelectionKey key) {
    if (count.get() != 0) {
      remove(key.selector(), key);
    }
  }

  /** Makes a selector look anew; its application does not notice. */
  void wake(Selector selector) {
    news(selector).woken(true);
    waking.set(true);
    try {
      selector.wakeup();
    } finally {
      waking.remove();
    }
  }

  /** Keys that are held; 0 when nothing is pending anywhere. */
  int size() {
    return count.get();
  }

  // ---- what selectors ask ----

  /** See {@code WireHooks.wakeup}. */
  void wakeup(Object selector) {
    if (waking.get() == null) {
      news((Selector) selector).woken(false);
    }
  }

  /** See {@code WireHooks.beforeSelect}. */
  long beforeSelect(Object selector, long timeout) {
    SelectorNews news = bySelector.get(selector);
    if (news == null) {
      return timeout;
    }
    news.begin(timeout);
    if (news.pending.isEmpty()) {
      return timeout; // mostly, and without an iterator for each select
    }
    boolean any = false;
    for (SelectionKey key : news.pending) {
      any |= stillPending((Selector) selector, key) && wantsRead(key);
    }
    return any ? 0 : timeout;
  }

  /** See {@code WireHooks.readyOps}. */
  int readyOps(SelectionKey key, int events) {
    if (count.get() == 0) {
      return events;
    }
    SelectorNews news = bySelector.get(key.selector());
    if (news == null
        || !news.pending.contains(key)
        || !stillPending(key.selector(), key)
        || !wantsRead(key)) {
      return events;
    }
    news.reported.add(key);
    return events | NativeIo.POLLIN;
  }

  /** See {@code WireHooks.afterSelect}. */
  int afterSelect(Object selector, @Nullable Consumer<?> action, int updated, long timeout)
      throws IOException {
    SelectorNews news = bySelector.get(selector);
    if (news == null) {
      return updated;
    }
    int total = updated + report(news, (Selector) selector, action);
    if (news.repeating()) {
      return total;
    }
    try {
      long more = news.remaining(total, timeout, ((Selector) selector).isOpen());
      while (more != 0) {
        news.repeating(true);
        total = NativeIo.select(selector, action, more);
        more = news.remaining(total, timeout, ((Selector) selector).isOpen());
      }
    } finally {
      news.repeating(false);
      news.end();
    }
    return total;
  }

  /** Adds the pending channels of which the kernel did not know. */
  private int report(SelectorNews news, Selector selector, @Nullable Consumer<?> action)
      throws IOException {
    if (news.pending.isEmpty()) {
      news.reported.clear();
      return 0;
    }
    int total = 0;
    for (SelectionKey key : news.pending) {
      if (!news.reported.contains(key) && stillPending(selector, key) && wantsRead(key)) {
        total += NativeIo.processReady(selector, NativeIo.POLLIN, key, action);
      }
    }
    news.reported.clear();
    return total;
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
    SelectorNews present = news(key.selector());
    if (present.pending.contains(key)) {
      return false;
    }
    Adding change = new Adding(key);
    bySelector.compute(key.selector(), change);
    return change.added;
  }

  private void remove(Selector selector, SelectionKey key) {
    bySelector.computeIfPresent(selector, new Removing(key));
  }

  private SelectorNews news(Selector selector) {
    SelectorNews present = bySelector.get(selector);
    if (present != null) {
      return present;
    }
    for (Selector known : bySelector.keySet()) {
      forgetClosed(known);
    }
    SelectorNews fresh = new SelectorNews();
    present = bySelector.putIfAbsent(selector, fresh);
    return present == null ? fresh : present;
  }

  /** A closed selector selects no more, so it would stay for ever. */
  private void forgetClosed(Selector selector) {
    if (!selector.isOpen()) {
      bySelector.computeIfPresent(selector, new Forgetting());
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

  // ---- changes of a set: no lambdas, which would be linked inside the application's select ----

  private final class Adding implements BiFunction<Selector, @Nullable SelectorNews, SelectorNews> {
    private final SelectionKey key;
    private boolean added;

    Adding(SelectionKey key) {
      this.key = key;
    }

    @Override
    public SelectorNews apply(Selector selector, @Nullable SelectorNews news) {
      SelectorNews current = news == null ? new SelectorNews() : news;
      if (current.pending.add(key)) {
        added = true;
        count.incrementAndGet();
      }
      return current;
    }
  }

  private final class Removing implements BiFunction<Selector, SelectorNews, SelectorNews> {
    private final SelectionKey key;

    Removing(SelectionKey key) {
      this.key = key;
    }

    @Override
    public SelectorNews apply(Selector selector, SelectorNews news) {
      if (news.pending.remove(key)) {
        count.decrementAndGet();
      }
      return news;
    }
  }

  private final class Forgetting
      implements BiFunction<Selector, SelectorNews, @Nullable SelectorNews> {
    @Override
    public @Nullable SelectorNews apply(Selector selector, SelectorNews news) {
      count.addAndGet(-news.pending.size());
      return null;
    }
  }
}
