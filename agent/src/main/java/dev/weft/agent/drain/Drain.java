package dev.weft.agent.drain;

import dev.weft.agent.control.AgentThreads;
import dev.weft.agent.control.Departed;
import dev.weft.agent.control.Membership;
import dev.weft.agent.log.Log;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What happens at an orderly end before the first shutdown hook of the application, which may close
 * its server: the workload leaves the registry, waits until the others know, and until what they
 * had sent before is answered. All of it takes no longer than the timeout, and nothing where nobody
 * calls this JVM. Thread-safe.
 */
public final class Drain {
  /** A server that does not answer is not waited for. */
  private static final Duration ANSWER = Duration.ofSeconds(1);

  /** Nor are agents that do not; half of the timeout stays for the requests. */
  private static final Duration KNOWN = Duration.ofSeconds(5);

  /** What another agent decided before it knew must have arrived within this time. */
  private static final Duration QUIET = Duration.ofMillis(200);

  /** How much longer than the timeout the end of the JVM waits for a thread of ours. */
  private static final Duration GRACE = Duration.ofMillis(500);

  private static final long LOOK_NANOS = 10_000_000L;

  private final Duration timeout;
  private final Membership membership;
  private final Supplier<LongSupplier> inUse;
  private final AgentThreads threads;
  private final Log log;

  /**
   * A drain that takes at most {@code timeout}; none when that is zero.
   *
   * @param inUse begins to watch, and then tells at each call how many requests and connections are
   *     in use
   */
  public Drain(
      Duration timeout,
      Membership membership,
      Supplier<LongSupplier> inUse,
      AgentThreads threads,
      Log log) {
    this.timeout = timeout;
    this.membership = membership;
    this.inUse = inUse;
    this.threads = threads;
    this.log = log;
  }

  /** Drains, on the thread that ends the JVM; that one keeps its interrupt. */
  public void run() {
    if (timeout.isZero() || !membership.serving()) {
      return;
    }
    // That thread may be anybody's, with the application's permissions and locks.
    Thread work = threads.start("drain", this::drain);
    long end = System.nanoTime() + timeout.plus(GRACE).toNanos();
    boolean interrupted = false;
    while (work.isAlive()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        break;
      }
      try {
        work.join(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void drain() {
    long begin = System.nanoTime();
    long end = begin + timeout.toNanos();
    log.info("draining timeout=" + timeout.toMillis() + "ms");
    try {
      LongSupplier busy = inUse.get();
      Departed departed =
          membership.leave(shorter(ANSWER, timeout), shorter(KNOWN, timeout.dividedBy(2)));
      if (departed == Departed.UNTOLD) {
        log.warn("draining although the config server was not told: others go on sending");
      }
      // Where others go on sending there will be no quiet; a moment without a request has to do.
      Duration quiet = departed == Departed.UNTOLD ? Duration.ZERO : QUIET;
      long left = awaitQuiet(busy, quiet.toNanos(), end);
      log.info(
          "drained after="
              + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin)
              + "ms"
              + (departed == Departed.TOLD ? ", not everybody knew" : "")
              + (left > 0 ? ", in use still: " + left : ""));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many are in use at the end: 0 when there was quiet before. */
  private static long awaitQuiet(LongSupplier busy, long quietNanos, long end) {
    long quietSince = System.nanoTime();
    while (true) {
      long inUse = busy.getAsLong();
      long now = System.nanoTime();
      if (inUse > 0) {
        quietSince = now;
      } else if (now - quietSince >= quietNanos) {
        return 0;
      }
      if (now - end >= 0) {
        return inUse;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
