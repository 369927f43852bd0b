package dev.weft.agent.traffic;

import dev.weft.agent.balance.Outcome;
import dev.weft.instrumentation.Headers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What balancing reads out of a response's head. Stateless. */
final class Responses {
  /** Longest time for which an endpoint's own Retry-After is honoured. */
  static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(10);

  /** What most are. */
  private static final Outcome OK = new Outcome.Response(200);

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  private Responses() {}

  /** By the gRPC status where there is one. */
  static Outcome outcome(int status, Headers headers) {
    List<String> grpc = headers.values("grpc-status");
    if (grpc.isEmpty()) {
      return status == 200 ? OK : new Outcome.Response(status);
    }
    try {
      return new Outcome.Grpc(Integer.parseInt(grpc.get(0)));
    } catch (NumberFormatException e) {
      return new Outcome.Response(status);
    }
  }

  /** How long an overloaded endpoint wants to be left alone. */
  static Optional<Duration> retryAfter(int status, Headers headers) {
    return status == TOO_MANY_REQUESTS || status == UNAVAILABLE
        ? seconds(headers.values("Retry-After"))
        : Optional.empty();
  }

  /** Seconds only; a date costs more than it tells a balancer. */
  private static Optional<Duration> seconds(List<String> values) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    try {
      long seconds = Long.parseLong(values.get(0).strip());
      long longest = LONGEST_RETRY_AFTER.toSeconds();
      return Optional.of(Duration.ofSeconds(Math.max(0, Math.min(seconds, longest))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
