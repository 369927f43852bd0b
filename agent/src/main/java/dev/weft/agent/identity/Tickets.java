package dev.weft.agent.identity;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client's session tickets, several per destination: connections that are made at once each
 * resume a session of their own, and none is used twice (RFC 8446, appendix C.4).
 *
 * <p>Bounded; the newest tickets are used first, the destinations and tickets longest unused are
 * dropped. Thread-safe.
 *
 * @param <T> what leads to the session
 */
final class Tickets<T> {
  static final int DESTINATIONS = 256;
  static final int EACH = 32;

  private record Ticket<T>(T session, Instant until) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Consumer<T> dispose;
  private final Map<Destination, Deque<Ticket<T>>> held = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /**
   * An empty store.
   *
   * @param dispose for what nobody will take any more
   */
  Tickets(Consumer<T> dispose) {
    this.dispose = dispose;
  }

  /** The newest that is still good, now the caller's; null: there is none. */
  @Nullable T take(Destination destination, Instant now) {
    lock.lock();
    try {
      Deque<Ticket<T>> tickets = held.get(destination);
      if (tickets == null) {
        return null;
      }
      for (Ticket<T> t = tickets.pollFirst(); t != null; t = tickets.pollFirst()) {
        if (now.isBefore(t.until)) {
          return t.session;
        }
        dispose.accept(t.session);
      }
      held.remove(destination);
      return null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Keeps a ticket that is good until the given moment. After a fault (no memory, no stack) it is
   * not kept: it is put in last, where nothing can fail any more. Else native code, which then
   * believes that nobody took the session, would free it while we hold it.
   */
  void give(Destination destination, T session, Instant until) {
    lock.lock();
    try {
      if (closed) {
        dispose.accept(session);
        return;
      }
      Deque<Ticket<T>> tickets = held.get(destination);
      if (tickets == null) { // no lambda: it would be linked inside the application's read
        if (held.size() == DESTINATIONS) {
          drop(held.keySet().iterator().next());
        }
        tickets = new ArrayDeque<>(EACH + 1); // it never grows
        held.put(destination, tickets);
      }
      if (tickets.size() == EACH) {
        dispose.accept(tickets.removeLast().session);
      }
      tickets.addFirst(new Ticket<>(session, until));
    } finally {
      lock.unlock();
    }
  }

  /** No session with the destination shall be resumed. */
  void forget(Destination destination) {
    lock.lock();
    try {
      drop(destination);
    } finally {
      lock.unlock();
    }
  }

  /** Drops all; what comes later is dropped at once. */
  void close() {
    lock.lock();
    try {
      closed = true;
      held.values().forEach(this::disposeOf);
      held.clear();
    } finally {
      lock.unlock();
    }
  }

  private void drop(Destination destination) {
    Deque<Ticket<T>> tickets = held.remove(destination);
    if (tickets != null) {
      disposeOf(tickets);
    }
  }

  private void disposeOf(Deque<Ticket<T>> tickets) {
    // one by one: what a fault interrupts is not disposed of twice by the next call
    for (Ticket<T> t = tickets.pollFirst(); t != null; t = tickets.pollFirst()) {
      dispose.accept(t.session);
    }
  }
}
