package dev.weft.agent.balance;

import dev.weft.agent.balance.Outcome.Signal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Whether one endpoint of a service is left out as an outlier. In; out for a time; then due: the
 * next request is its probe and nobody else goes there; the probe's success takes it back, its
 * failure leaves it out for longer. Thread-safe; without a lock while nothing fails.
 */
final class Standing {
  private final AtomicBoolean probed = new AtomicBoolean();
  private volatile boolean out;
  private volatile long until;

  /** Nothing has failed since the last success. */
  private volatile boolean clean = true;

  private int errors;
  private int gatewayErrors;
  private int localFailures;
  private int ejections;
  private long returned;

  boolean out() {
    return out;
  }

  /** When it becomes due; has a meaning while it is out. */
  long until() {
    return until;
  }

  boolean due(long now) {
    return out && now - until >= 0;
  }

  /** Whether the caller's request is now the probe; it must be settled or given up. */
  boolean claim(long now) {
    return due(now) && !probed.get() && probed.compareAndSet(false, true);
  }

  /** The probe has told nothing; another one may. */
  void giveUp() {
    probed.set(false);
  }

  /** Counts an outcome; returns why the endpoint should be left out, null: it should not. */
  @Nullable String count(Signal signal, Outliers outliers) {
    if (signal == Signal.NOTHING || out || (signal == Signal.SUCCESS && clean)) {
      return null;
    }
    return counted(signal, outliers);
  }

  private synchronized @Nullable String counted(Signal signal, Outliers outliers) {
    clean = signal == Signal.SUCCESS;
    if (signal == Signal.LOCAL_FAILURE && outliers.localApart()) {
      localFailures++;
      return reached(localFailures, outliers.localFailures()) ? "consecutive-local-failures" : null;
    }
    boolean failed = signal != Signal.SUCCESS;
    localFailures = 0;
    errors = failed ? errors + 1 : 0;
    gatewayErrors = failed && signal != Signal.ERROR ? gatewayErrors + 1 : 0;
    if (failed && reached(errors, outliers.errors())) {
      return "consecutive-5xx";
    }
    return failed && reached(gatewayErrors, outliers.gatewayErrors())
        ? "consecutive-gateway-errors"
        : null;
  }

  private static boolean reached(int count, int limit) {
    return limit > 0 && count >= limit;
  }

  /** Leaves it out; returns for how long. */
  synchronized Duration eject(Outliers outliers, long now) {
    if (!out && ejections > 0) {
      // Envoy takes one ejection off for every interval that an endpoint is in.
      long intervals = (now - returned) / Math.max(1, outliers.interval().toNanos());
      ejections = (int) Math.max(0, ejections - intervals);
    }
    ejections++;
    Duration time = outliers.time(ejections);
    until = now + time.toNanos();
    out = true;
    forget();
    probed.set(false);
    return time;
  }

  /** Takes it back. */
  synchronized void comeBack(long now) {
    returned = now;
    forget();
    out = false;
    probed.set(false);
  }

  private void forget() {
    errors = 0;
    gatewayErrors = 0;
    localFailures = 0;
    clean = true;
  }
}
