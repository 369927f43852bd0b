package dev.weft.agent.health;

import dev.weft.agent.config.HealthCheck;
import dev.weft.agent.identity.Pauses;
import dev.weft.agent.log.Log;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks the application again and again how it is. It is not well until it has said so once, and no
 * more after it has failed to three times in a row. Confined to its thread.
 */
public final class HealthWatch implements Runnable {
  /** Failures in a row before a workload that was well is not. */
  static final int PATIENCE = 3;

  /** An application that starts, or comes back, does not have to wait a long interval for it. */
  private static final Duration LONGEST_WHILE_FAILING = Duration.ofSeconds(1);

  private final Supplier<Optional<String>> probe;
  private final String name;
  private final Duration interval;
  private final Consumer<Boolean> well;
  private final Pauses pauses;
  private final Log log;

  HealthWatch(
      Supplier<Optional<String>> probe,
      String name,
      Duration interval,
      Consumer<Boolean> well,
      Pauses pauses,
      Log log) {
    this.probe = probe;
    this.name = name;
    this.interval = interval;
    this.well = well;
    this.pauses = pauses;
    this.log = log;
  }

  /** A watch by this check; {@code well} is told at once, that nothing is known, and at changes. */
  public static HealthWatch of(
      HealthCheck check, Duration interval, OwnProbes probes, Consumer<Boolean> well, Log log) {
    well.accept(false);
    String name = (check.path().isEmpty() ? "tcp " : "http ") + check.port() + check.path();
    HealthProbe probe = new HealthProbe(check, probes);
    return new HealthWatch(probe::ask, name, interval, well, Pauses.REAL, log);
  }

  @Override
  public void run() {
    boolean now = false;
    int failures = 0;
    try {
      while (true) {
        Optional<String> trouble = probe.get();
        failures = trouble.isPresent() ? failures + 1 : 0;
        if (now && failures >= PATIENCE) {
          now = false;
          log.warn("health failing check=" + name + ": " + trouble.orElse(""));
          well.accept(false);
        } else if (!now && failures == 0) {
          now = true;
          log.info("health ok check=" + name);
          well.accept(true);
        }
        boolean soon = !now && interval.compareTo(LONGEST_WHILE_FAILING) > 0;
        pauses.pause(soon ? LONGEST_WHILE_FAILING : interval);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
