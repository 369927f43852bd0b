package dev.weft.benchmarks.requests.app;

import com.sun.management.ThreadMXBean;
import dev.weft.benchmarks.ground.app.Commands;
import dev.weft.benchmarks.ground.app.Latencies;
import dev.weft.benchmarks.ground.app.Pace;
import dev.weft.benchmarks.ground.app.Schedule;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Loads one server by one library. The launcher says how, and measures this process. */
public final class LoadProgram {
  private static final long START_DELAY_NANOS = 2_000_000;

  private final Sender sender;
  private final ExecutorService pool;
  private final int threads;

  private LoadProgram(Sender sender, int threads) {
    this.sender = sender;
    this.threads = threads;
    this.pool = Executors.newFixedThreadPool(threads);
  }

  /**
   * Serves the launcher.
   *
   * @param args the library, the address, how many threads send
   */
  public static void main(String[] args) throws Exception {
    int threads = Integer.parseInt(args[2]);
    LoadProgram program =
        new LoadProgram(Senders.valueOf(args[0]).to(URI.create(args[1]), threads), threads);
    new Commands()
        .on(
            "closed",
            arguments -> program.allocating(() -> program.closed(nanos(arguments.get(0)))))
        .on(
            "open",
            arguments ->
                program.allocating(
                    () ->
                        program.open(
                            Schedule.poisson(
                                Double.parseDouble(arguments.get(0)),
                                nanos(arguments.get(1)),
                                Long.parseLong(arguments.get(2))))))
        .serve("ready=true");
  }

  /** Some load; what it answers are fields for the launcher. */
  private interface Load {
    String run() throws Exception;
  }

  /** Adds what all threads have allocated meanwhile, in bytes. */
  private String allocating(Load load) throws Exception {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = allocated(bean);
    String answer = load.run();
    return answer + " allocated=" + (allocated(bean) - before);
  }

  /** Threads that have ended are missing: loads have the same ones from window to window. */
  private static long allocated(ThreadMXBean bean) {
    long sum = 0;
    for (long bytes : bean.getThreadAllocatedBytes(bean.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }

  /** Each thread asks again when it is answered. */
  private String closed(long nanos) throws Exception {
    long start = System.nanoTime();
    long end = start + nanos;
    List<Future<Long>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      running.add(
          pool.submit(
              () -> {
                long count = 0;
                while (System.nanoTime() - end < 0) {
                  sender.send();
                  count++;
                }
                return count;
              }));
    }
    long count = 0;
    for (Future<Long> each : running) {
      count += result(each);
    }
    return "count=" + count + " seconds=" + (System.nanoTime() - start) / 1e9;
  }

  /** Requests are sent when they are due, as long as a thread is free. */
  private String open(Schedule schedule) throws Exception {
    AtomicInteger next = new AtomicInteger();
    long start = System.nanoTime() + START_DELAY_NANOS;
    List<Future<Latencies>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      running.add(
          pool.submit(
              () -> {
                Pace.wakeThisThreadPunctually();
                Latencies own = new Latencies();
                for (int k; (k = next.getAndIncrement()) < schedule.size(); ) {
                  long due = start + schedule.due(k);
                  Pace.until(due);
                  sender.send();
                  own.record(due);
                }
                return own;
              }));
    }
    Latencies all = new Latencies();
    for (Future<Latencies> each : running) {
      all.add(result(each));
    }
    return all.answer();
  }

  private static <T> T result(Future<T> future) throws Exception {
    try {
      return future.get(10, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static long nanos(String seconds) {
    return (long) (Double.parseDouble(seconds) * 1e9);
  }
}
