package dev.weft.instrumentation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is under way for one request at once, in the order in which it began: one attempt as a rule,
 * and its {@linkplain ClientExchange#hedge rivals}. Who wins is decided once. Thread-safe.
 *
 * @param <C> what an adapter knows of an attempt; told from others by identity
 */
public final class Race<C> {
  private final Consumer<? super C> loses;
  private List<C> underWay = List.of();
  private boolean over;

  /**
   * Nothing is under way yet.
   *
   * @param loses breaks an attempt off on the wire; called on any thread, outside of locks, perhaps
   *     for one that has ended meanwhile
   */
  public Race(Consumer<? super C> loses) {
    this.loses = loses;
  }

  /** One begins; false: the race is over, it shall not. */
  public synchronized boolean join(C attempt) {
    if (over) {
      return false;
    }
    if (underWay.isEmpty()) {
      underWay = List.of(attempt); // most have no rival
    } else {
      List<C> more = new ArrayList<>(underWay);
      more.add(attempt);
      underWay = more;
    }
    return true;
  }

  /** Nothing more comes of one. */
  public synchronized void leave(C attempt) {
    underWay = others(attempt);
  }

  private List<C> others(C attempt) {
    if (underWay.size() == 1) { // without a rival, for which nobody shall pay
      return underWay.get(0) == attempt ? List.of() : underWay;
    }
    return underWay.stream().filter(each -> each != attempt).toList();
  }

  /** In order; the list does not change. */
  public synchronized List<C> underWay() {
    return underWay;
  }

  /** Whether nothing may {@link #join} any more. */
  public synchronized boolean over() {
    return over;
  }

  /** The application gets what comes of one: all others lose. False: the race was over. */
  public boolean won(C winner) {
    List<C> losers;
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
      losers = others(winner);
      if (losers.isEmpty() && !underWay.isEmpty()) {
        return true; // it ran alone, as most
      }
      underWay = List.of(winner);
    }
    losers.forEach(loses);
    return true;
  }

  /** Nobody waits for anything any more: all lose, also a winner. */
  public void end() {
    List<C> losers;
    synchronized (this) {
      over = true;
      losers = underWay;
    }
    losers.forEach(loses);
  }
}
