package dev.weft.agent.balance;

import dev.weft.agent.balance.Outcome.Signal;
import dev.weft.policy.TrafficPolicy.OutlierDetection;
import java.time.Duration;

/**
 * When endpoints of a service are left out, defaults filled in. Immutable.
 *
 * @param errors in a row; 0: never
 * @param gatewayErrors in a row; 0: never
 * @param localApart whether failures that this side notices are counted apart; otherwise they are
 *     gateway errors
 * @param localFailures in a row, where they are counted apart; 0: never
 * @param interval after which an endpoint that is in has one ejection less on its account
 * @param base how long the first ejection takes
 * @param mostPercent of the endpoints that may be out
 * @param healthPercent least share of endpoints that are in; below it none counts as out
 */
record Outliers(
    int errors,
    int gatewayErrors,
    boolean localApart,
    int localFailures,
    Duration interval,
    Duration base,
    int mostPercent,
    int healthPercent) {
  private static final Duration LONGEST = Duration.ofMinutes(5);

  static Outliers of(OutlierDetection detection) {
    return new Outliers(
        detection.consecutiveErrors().orElse(5),
        detection.consecutiveGatewayErrors().orElse(0),
        detection.consecutiveLocalFailures().isPresent(),
        detection.consecutiveLocalFailures().orElse(0),
        detection.interval().orElse(Duration.ofSeconds(10)),
        detection.baseEjection().orElse(Duration.ofSeconds(30)),
        detection.maxEjectionPercent().orElse(10),
        detection.minHealthPercent().orElse(0));
  }

  /** How long an endpoint is out the nth time: up to 300 s, or the base if that is longer. */
  Duration time(int ejections) {
    Duration longest = base.compareTo(LONGEST) > 0 ? base : LONGEST;
    long times = base.isZero() ? 1 : Math.min(ejections, longest.dividedBy(base) + 1);
    Duration time = base.multipliedBy(times);
    return time.compareTo(longest) > 0 ? longest : time;
  }

  /**
   * How many of so many endpoints may be out. The percentage is rounded down, but unless it is zero
   * one may be out, as with Envoy's {@code always_eject_one_host}: 10 % of five would be nobody,
   * and the policy void. The only endpoint is left out at 100 % alone.
   */
  int most(int endpoints) {
    int share = (int) ((long) endpoints * mostPercent / 100);
    return share == 0 && mostPercent > 0 && endpoints > 1 ? 1 : share;
  }

  /** Whether so few endpoints are in that being out means nothing (Envoy's panic). */
  boolean panics(int in, int all) {
    return in * 100L < (long) healthPercent * all;
  }

  /** Whether a probe with this outcome has failed. */
  boolean failure(Signal signal) {
    boolean gateway = errors > 0 || gatewayErrors > 0;
    return switch (signal) {
      case SUCCESS, NOTHING -> false;
      case ERROR -> errors > 0;
      case GATEWAY_ERROR -> gateway;
      case LOCAL_FAILURE -> localApart ? localFailures > 0 : gateway;
    };
  }
}
