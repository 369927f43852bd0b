package dev.weft.server.limit;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Lets watch streams begin no faster than the server can serve them, however many agents come at
 * once, as they do after a restart. Whoever comes too early gets a turn of its own to come back in:
 * the turns follow each other at the same rate, so that those who were sent away do not come back
 * together. Thread-safe.
 */
public final class StreamGate {
  private static final int PER_SECOND = 500;
  private static final int BURST = 1000;

  /** Nobody is sent away for longer: it may be over by then. */
  private static final long LONGEST_NANOS = Duration.ofSeconds(20).toNanos();

  private final LongSupplier nanos;
  private final long interval;
  private final long burst;

  /** When the one after all that were admitted would be due, at the rate. */
  private long due;

  /** When the last turn that was given away is. */
  private long lastTurn;

  /** A gate with the usual rate. */
  public static StreamGate usual() {
    return new StreamGate(PER_SECOND, BURST, System::nanoTime);
  }

  StreamGate(int perSecond, int burst, LongSupplier nanos) {
    this.nanos = nanos;
    this.interval = Duration.ofSeconds(1).toNanos() / perSecond;
    this.burst = burst * interval;
    this.lastTurn = nanos.getAsLong();
    this.due = lastTurn - this.burst;
  }

  /** Zero: it may begin. Else when to come back. */
  public synchronized Duration admit() {
    long now = nanos.getAsLong();
    due = Math.max(due, now - burst);
    if (due <= now) {
      due += interval;
      return Duration.ZERO;
    }
    lastTurn = Math.max(lastTurn, due) + interval;
    if (lastTurn - now > LONGEST_NANOS) {
      lastTurn = due; // begin again with those who are due first
    }
    return Duration.ofNanos(lastTurn - now);
  }
}
