package dev.weft.benchmarks.traffic;

import dev.weft.instrumentation.Limit;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a time limit costs a request that is in time, beside the JDK's timers. Run it with {@code -t
 * 1}, where the JDK's thread is woken each time, and with {@code -t 8}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LimitBenchmark {
  private static final Duration TIME = Duration.ofSeconds(1);

  /** The baseline. */
  @Benchmark
  public boolean jdk() {
    CompletableFuture<Void> timer =
        new CompletableFuture<Void>().orTimeout(TIME.toNanos(), TimeUnit.NANOSECONDS);
    return timer.complete(null);
  }

  /** A limit of ours. */
  @Benchmark
  public boolean limit() {
    return Limit.after(TIME, LimitBenchmark::over).cancel();
  }

  private static void over() {}
}
