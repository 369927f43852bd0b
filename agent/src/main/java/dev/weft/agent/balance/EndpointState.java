package dev.weft.agent.balance;

import java.time.Duration;

/**
 * What is remembered of one endpoint of one service, whatever the policy. Thread-safe.
 *
 * @param load shared by all services with that address and port
 * @param standing whether it is left out
 * @param firstSeen on the monotonic clock
 * @param grown whether it was there when its service was first seen, so that it never starts slowly
 */
record EndpointState(EndpointLoad load, Standing standing, long firstSeen, boolean grown) {
  /** As Envoy: an endpoint that begins takes a tenth. */
  private static final double LEAST = 0.1;

  /** The part of its share that it takes: from 0.1, linearly over the window, to 1. */
  double warmth(long now, Duration window) {
    double age = (double) (now - firstSeen) / window.toNanos();
    return grown || age >= 1 ? 1 : Math.max(LEAST, age);
  }
}
