package app.chaos;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends requests at a steady pace as long as not too many are open: a half of them GETs, a fifth
 * PUTs, the others POSTs; every tenth is a tester's.
 */
final class Customer {
  /** So many at once: a slow machine gets fewer requests, not later ones. */
  private static final int THREADS = 20;

  /** Who takes part in an answer, in order. */
  private static final List<String> WHOLE =
      List.of("gate", "orders", "stock", "ledger", "pay", "ledger");

  private final Downstream downstream;
  private final Journal journal;
  private final SplittableRandom dice;
  private final ExecutorService threads;
  private final AtomicInteger open = new AtomicInteger();
  private volatile Thread pacer;
  private long requests;

  Customer(Downstream downstream, Journal journal, long seed) {
    this.downstream = downstream;
    this.journal = journal;
    this.dice = new SplittableRandom(seed);
    ThreadPoolExecutor pool = (ThreadPoolExecutor) Executors.newFixedThreadPool(THREADS);
    pool.prestartAllCoreThreads();
    this.threads = pool;
  }

  /** Begins. */
  void start(int perSecond) {
    pacer = new Thread(() -> send(perSecond), "customer");
    pacer.start();
  }

  /** Ends, and returns when everything is answered. */
  void stop() throws InterruptedException {
    Thread last = pacer;
    pacer = null;
    last.join();
    while (open.get() > 0) {
      Thread.sleep(20);
    }
  }

  private void send(int perSecond) {
    long next = System.nanoTime();
    while (pacer == Thread.currentThread()) {
      String request = "r" + ++requests;
      int die = dice.nextInt(10);
      String method = die < 5 ? "GET" : die < 7 ? "PUT" : "POST";
      String tester = dice.nextInt(10) == 0 ? "v2" : "";
      if (open.get() < THREADS) {
        open.incrementAndGet();
        threads.execute(() -> order(method, request, tester));
      }
      next += 1_000_000_000L / perSecond;
      long pause = next - System.nanoTime();
      if (pause > 0) {
        LockSupport.parkNanos(pause);
      }
    }
  }

  private void order(String method, String request, String tester) {
    try {
      List<Hop> hops = downstream.call("gate", method, request, tester);
      if (!hops.stream().map(Hop::service).toList().equals(WHOLE)) {
        journal.wrong(request, "not the whole answer: " + hops);
      }
    } catch (Downstream.Failed e) {
      // the journal has it
    } finally {
      open.decrementAndGet();
    }
  }
}
