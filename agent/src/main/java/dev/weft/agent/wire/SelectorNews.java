package dev.weft.agent.wire;

import java.nio.channels.SelectionKey;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one selector must know besides what its kernel tells: channels that can be read although the
 * kernel has nothing for them, and who woke it. Fields without a word of their own are confined to
 * the selecting thread, which holds the selector's monitor.
 */
final class SelectorNews {
  /** The keys of channels that have undelivered bytes. Changed by {@link PendingReads} only. */
  final Set<SelectionKey> pending = ConcurrentHashMap.newKeySet();

  /** The pending keys that have been reported in this round: none is counted twice. */
  final Set<SelectionKey> reported = new HashSet<>();

  private final long made = System.nanoTime();

  private volatile boolean wokenByUs;
  private volatile boolean wokenByApplication;

  private boolean begun;
  private long start;
  private long timeout;
  private boolean repeating;

  /** Before {@code Selector.wakeup()}, so that whoever wakes up knows why. Called by any thread. */
  void woken(boolean byUs) {
    if (byUs) {
      wokenByUs = true;
    } else {
      wokenByApplication = true;
    }
  }

  /** A select begins; {@code millis} as in {@code SelectorImpl.doSelect}. */
  void begin(long millis) {
    if (!repeating) {
      begun = true;
      timeout = millis;
      start = millis > 0 ? System.nanoTime() : 0;
    }
  }

  /**
   * A select is over; the milliseconds for which it shall go on because only we have woken it,
   * which is no business of the application's; 0: it is really over.
   *
   * @param updated the number of keys updated
   * @param millis the time it was to wait, if {@link #begin} has not been called before
   */
  long remaining(int updated, long millis, boolean open) {
    if (!begun) {
      timeout = millis;
      start = made;
      begun = true;
    }
    boolean onlyWe = wokenByUs && !wokenByApplication;
    wokenByUs = false;
    wokenByApplication = false;
    if (updated > 0 || !onlyWe || !open || Thread.currentThread().isInterrupted()) {
      return 0;
    }
    return timeout <= 0 ? timeout : Math.max(0, timeout - (System.nanoTime() - start) / 1_000_000);
  }

  /** Whether this select is one that goes on, so that it must leave the rest to the first. */
  boolean repeating() {
    return repeating;
  }

  void repeating(boolean on) {
    repeating = on;
  }

  /** The select is over. */
  void end() {
    begun = false;
  }
}
