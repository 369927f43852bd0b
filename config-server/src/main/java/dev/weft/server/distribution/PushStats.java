package dev.weft.server.distribution;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What distribution has done since the start, for whoever prints metrics. Thread-safe. */
public final class PushStats {
  /** Upper bounds of {@link #latencies()} in milliseconds; what is above the last counts too. */
  public static final List<Integer> BOUNDS_MILLIS =
      List.of(5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000);

  private final LongAdder pushes = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder whole = new LongAdder();
  private final LongAdder nacks = new LongAdder();
  private final LongAdder compilations = new LongAdder();
  private final LongAdder compileMillis = new LongAdder();
  private final LongAdder latencyMillis = new LongAdder();
  private final AtomicLongArray latencies = new AtomicLongArray(BOUNDS_MILLIS.size() + 1);

  void pushed(Line line, boolean everything) {
    pushes.increment();
    bytes.add(line.bytes());
    if (everything) {
      whole.increment();
    }
  }

  void refused() {
    nacks.increment();
  }

  void compiled(Duration took) {
    compilations.increment();
    compileMillis.add(took.toMillis());
  }

  void acknowledged(Duration after) {
    long millis = Math.max(0, after.toMillis());
    latencyMillis.add(millis);
    int slot = 0;
    while (slot < BOUNDS_MILLIS.size() && millis > BOUNDS_MILLIS.get(slot)) {
      slot++;
    }
    latencies.incrementAndGet(slot);
  }

  /** Lines with policy handed to streams. */
  public long pushes() {
    return pushes.sum();
  }

  /** Bytes of these lines, before TLS. */
  public long bytes() {
    return bytes.sum();
  }

  /** Those of them that carried everything. */
  public long whole() {
    return whole.sum();
  }

  /** Versions refused by agents. */
  public long nacks() {
    return nacks.sum();
  }

  /** Compilations that succeeded. */
  public long compilations() {
    return compilations.sum();
  }

  /** What they took together, pushing included, in milliseconds. */
  public long compileMillis() {
    return compileMillis.sum();
  }

  /** From compilation to an agent's acknowledgement, in milliseconds, summed over all of them. */
  public long latencyMillis() {
    return latencyMillis.sum();
  }

  /** Acknowledgements by latency: one count for each of the bounds, and one for what is above. */
  public List<Long> latencies() {
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < latencies.length(); i++) {
      counts.add(latencies.get(i));
    }
    return counts;
  }
}
