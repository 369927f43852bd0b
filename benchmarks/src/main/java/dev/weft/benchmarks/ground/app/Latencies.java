package dev.weft.benchmarks.ground.app;

import org.HdrHistogram.Histogram;

/** How long requests took, from when they were due, to three digits. Confined to one thread. */
public final class Latencies {
  private static final long MAX_NANOS = 60_000_000_000L;

  private final Histogram histogram = new Histogram(MAX_NANOS, 3);

  public void record(long dueNanoTime) {
    long taken = System.nanoTime() - dueNanoTime;
    histogram.recordValue(Math.max(0, Math.min(taken, MAX_NANOS)));
  }

  public void add(Latencies other) {
    histogram.add(other.histogram);
  }

  /** As fields of an answer, in microseconds. */
  public String answer() {
    return "requests="
        + histogram.getTotalCount()
        + " p50="
        + micros(50)
        + " p90="
        + micros(90)
        + " p99="
        + micros(99)
        + " p999="
        + micros(99.9)
        + " max="
        + micros(100);
  }

  private double micros(double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1000.0;
  }
}
