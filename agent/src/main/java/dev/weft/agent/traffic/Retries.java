package dev.weft.agent.traffic;

import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.OutboundRequest.Body;
import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.RouteActions.RetryOn;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;

/**
 * When a rule lets a request be sent again, and after what pause; budget, deadline and limits are
 * other questions. Immutable.
 *
 * <p>A request that provably never left may always go again. One that may have left goes again when
 * repeating it is harmless (RFC 9110, section 9.2.2) and its connection died before an answer; an
 * answer, or an attempt that took too long, is repeated only where the rule names it. A body that
 * cannot be replayed is never repeated once it may have left.
 *
 * @param attempts after the first
 */
record Retries(
    int attempts, List<Integer> codes, List<RetryOn> conditions, Optional<Duration> backoff) {
  /** Attempts after the first, where no rule says how many. */
  static final int DEFAULT_ATTEMPTS = 2;

  static final Duration BASE = Duration.ofMillis(25);

  /** Of the base, which the pauses never exceed. */
  private static final int MOST = 10;

  private static final int CONFLICT = 409;
  private static final int GATEWAY_TIMEOUT = 504;

  /** Without a rule. */
  static final Retries DEFAULT =
      new Retries(DEFAULT_ATTEMPTS, List.of(), List.of(), Optional.empty());

  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

  private static final Map<String, RetryOn> GRPC =
      Map.of(
          "1", RetryOn.GRPC_CANCELLED,
          "4", RetryOn.GRPC_DEADLINE_EXCEEDED,
          "8", RetryOn.GRPC_RESOURCE_EXHAUSTED,
          "13", RetryOn.GRPC_INTERNAL,
          "14", RetryOn.GRPC_UNAVAILABLE);

  /** Whether a request may arrive twice without harm (RFC 9110, section 9.2.2). */
  static boolean idempotent(String method) {
    return IDEMPOTENT.contains(method);
  }

  /** By a rule; empty: it says nothing. */
  static Retries of(Optional<Retry> rule) {
    if (rule.isEmpty()) {
      return DEFAULT;
    }
    Retry retry = rule.get();
    return new Retries(
        retry.attempts().orElse(DEFAULT_ATTEMPTS),
        retry.codes(),
        retry.conditions(),
        retry.backoff());
  }

  /**
   * Whether a failed attempt may be repeated.
   *
   * @param tooLong whether what failed is that policy's limit of the attempt ran out
   */
  boolean afterFailure(
      Throwable failure, Progress progress, boolean tooLong, String method, Body body) {
    if (tooLong && progress == Progress.SENT) { // whatever the library calls it
      return body != Body.ONCE && named(GATEWAY_TIMEOUT);
    }
    if (!(failure instanceof IOException)) {
      return false; // cancelled, illegal, or broken on our side
    }
    if (progress != Progress.SENT) {
      return true;
    }
    if (body == Body.ONCE) {
      return false;
    }
    boolean died =
        !(failure instanceof HttpTimeoutException
            || failure instanceof InterruptedIOException
            || failure instanceof ProtocolException
            || failure instanceof SSLException);
    if (!died) {
      return false;
    }
    return (body == Body.NONE && SAFE.contains(method))
        || (idempotent(method)
            && (conditions.contains(RetryOn.RESET) || conditions.contains(RetryOn.SERVER_ERROR)));
  }

  /** Whether an answer is one after which the request goes again. */
  boolean afterAnswer(int status, Headers headers, Body body) {
    return body != Body.ONCE && (named(status) || namedByGrpc(headers));
  }

  private boolean named(int status) {
    return namedAsSuch(status)
        || (status == CONFLICT && conditions.contains(RetryOn.RETRIABLE_4XX))
        || (status >= 500
            && (conditions.contains(RetryOn.SERVER_ERROR)
                || (status >= 502
                    && status <= GATEWAY_TIMEOUT
                    && conditions.contains(RetryOn.GATEWAY_ERROR))));
  }

  /** As {@code codes.contains} says, without a boxed status for each answer. */
  private boolean namedAsSuch(int status) {
    for (int i = 0; i < codes.size(); i++) {
      if (codes.get(i) == status) {
        return true;
      }
    }
    return false;
  }

  /** A gRPC answer without a message has its status among its headers. */
  private boolean namedByGrpc(Headers headers) {
    if (conditions.isEmpty()) {
      return false;
    }
    List<String> status = headers.values("grpc-status");
    RetryOn condition = status.isEmpty() ? null : GRPC.get(status.get(0));
    return condition != null && conditions.contains(condition);
  }

  /**
   * Full jitter: anything up to the exponential bound; where a rule names a least pause, that and
   * what jitter adds to it.
   *
   * @param retry counts from 1
   */
  Duration pause(int retry, RandomGenerator dice) {
    long base = backoff.orElse(BASE).toNanos();
    long bound = base;
    for (int i = 1; i < retry && bound < base * MOST; i++) {
      bound *= 2;
    }
    bound = Math.min(bound, base * MOST);
    long least = backoff.isPresent() ? base : 0;
    return Duration.ofNanos(least + dice.nextLong(bound - least + 1));
  }
}
