package dev.weft.benchmarks.scale;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What all simulated agents together have seen. Thread-safe. */
final class Board {
  /** Handshakes that succeeded. */
  final LongAdder handshakes = new LongAdder();

  final Exchange.Traffic traffic =
      new Exchange.Traffic(new LongAdder(), new LongAdder(), handshakes);

  /** Agents whose stream stands. */
  final AtomicInteger streams = new AtomicInteger();

  final LongAdder enrolled = new LongAdder();
  final LongAdder lines = new LongAdder();
  final LongAdder acknowledgements = new LongAdder();
  final LongAdder busy = new LongAdder();
  final LongAdder lost = new LongAdder();
  final LongAdder renewalsBegun = new LongAdder();
  final LongAdder renewalsDone = new LongAdder();
  final LongAdder renewalsFailed = new LongAdder();
  private final AtomicLong expectedGeneration = new AtomicLong(Long.MAX_VALUE);
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicLong last = new AtomicLong();

  /** Begins to count acknowledgements of this generation or a later one. */
  void expect(long generation) {
    acknowledged.set(0);
    last.set(0);
    expectedGeneration.set(generation);
  }

  /** An agent's acknowledgement of a change was answered by the server. */
  void acknowledged(long generation) {
    acknowledgements.increment();
    if (generation >= expectedGeneration.get()) {
      last.accumulateAndGet(System.nanoTime(), Math::max);
      acknowledged.incrementAndGet();
    }
  }

  int acknowledged() {
    return acknowledged.get();
  }

  long lastAcknowledgement() {
    return last.get();
  }
}
