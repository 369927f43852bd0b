package dev.weft.agent.traffic;

import dev.weft.instrumentation.ClientExchange.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;

/**
 * Decides whether a failed attempt may be repeated, and after what pause. Pure.
 *
 * <p>A request that provably never left may always go again. One that may have left goes again only
 * when repeating it is harmless (RFC 9110, section 9.2.2) and the connection died before an answer;
 * a timeout is an outcome, not a dead connection.
 */
final class Retries {
  /** Attempts after the first. */
  static final int MAX = 2;

  static final Duration BASE = Duration.ofMillis(25);
  static final Duration CAP = Duration.ofMillis(250);

  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS");

  private Retries() {}

  /**
   * Whether the failure allows another attempt; budget, deadline and number of attempts are other
   * questions.
   */
  static boolean allowed(Throwable failure, Progress progress, String method, boolean hasBody) {
    if (!(failure instanceof IOException)) {
      return false; // cancelled, illegal, or broken on our side
    }
    if (progress != Progress.SENT) {
      return true;
    }
    boolean died =
        !(failure instanceof HttpTimeoutException
            || failure instanceof InterruptedIOException
            || failure instanceof ProtocolException
            || failure instanceof SSLException);
    return died && !hasBody && IDEMPOTENT.contains(method);
  }

  /** Full jitter: anything from nothing to the exponential bound. {@code retry} counts from 1. */
  static Duration pause(int retry, RandomGenerator dice) {
    long bound = Math.min(CAP.toNanos(), BASE.toNanos() << Math.min(retry - 1, 16));
    return Duration.ofNanos(dice.nextLong(bound + 1));
  }
}
