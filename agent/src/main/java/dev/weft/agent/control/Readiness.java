package dev.weft.agent.control;

/** Whether this workload takes new requests, in the protocol's words. Thread-safe. */
final class Readiness {
  private static final String READY = "ready";
  private static final String FAILING = "failing";
  private static final String DRAINING = "draining";

  private volatile String now = READY;

  String now() {
    return now;
  }

  /** For good. */
  synchronized void drain() {
    now = DRAINING;
  }

  /** What its health check says; true when that is news. */
  synchronized boolean healthy(boolean well) {
    String next = now.equals(DRAINING) ? DRAINING : well ? READY : FAILING;
    boolean news = !next.equals(now);
    now = next;
    return news;
  }
}
