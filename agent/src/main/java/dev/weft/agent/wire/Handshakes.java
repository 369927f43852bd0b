package dev.weft.agent.wire;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what handshakes that others have begun and not finished may cost: above a number the
 * newest is refused. A peer that has not sent a byte costs no buffer and is not counted.
 * Thread-safe.
 */
final class Handshakes {
  /** What one may hold: a buffer, an engine, and the chain it has got. */
  private static final long COST = 64 * 1024;

  /** The share of the memory that unfinished handshakes may have. */
  private static final int SHARE = 8;

  private static final int LEAST = 128;
  private static final int MOST = 4096;

  private final AtomicInteger unfinished = new AtomicInteger();
  private final int most;

  private Handshakes(int most) {
    this.most = most;
  }

  /** At most so many. */
  static Handshakes atMost(int most) {
    return new Handshakes(most);
  }

  /** A bound that fits into a memory of so many bytes. */
  static Handshakes within(long memory) {
    return atMost((int) Math.max(LEAST, Math.min(MOST, memory / SHARE / COST)));
  }

  /**
   * One more begins.
   *
   * @return why it may not; null: it counts until {@link #over}
   */
  @Nullable String begin() {
    if (unfinished.incrementAndGet() > most) {
      unfinished.decrementAndGet();
      return "refused: " + most + " handshakes are not finished, as many as may be";
    }
    return null;
  }

  /** One that has begun is finished, in whatever way. */
  void over() {
    unfinished.decrementAndGet();
  }
}
