package dev.weft.agent.traffic;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.ServerExchange;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long the caller of the request that a thread serves still waits: calls on its behalf need not
 * take longer. It comes and goes in Envoy's {@value #HEADER}, and comes in {@code grpc-timeout}.
 */
final class Deadlines {
  /** Milliseconds that are left. */
  static final String HEADER = "x-envoy-expected-rq-timeout-ms";

  private static final String GRPC_HEADER = "grpc-timeout";
  private static final int MOST_DIGITS = 8;
  private static final ContextKey<Deadline> KEY = ContextKey.named("weft-deadline");

  /** Mostly the next request says the same. */
  private static volatile @Nullable Said last;

  private Deadlines() {}

  /** What an inbound request says; none: nothing, or nonsense. */
  static Deadline of(Headers inbound, long now) {
    return Deadline.in(millis(inbound.values(HEADER)), now)
        .or(Deadline.in(grpc(inbound.values(GRPC_HEADER)), now));
  }

  /** The deadline of the request that this thread serves. */
  static Deadline current() {
    Deadline current = Context.current().get(KEY);
    return current == null ? Deadline.NONE : current;
  }

  /** Makes it current within another scope, which it closes. */
  @SuppressWarnings("MustBeClosedChecker") // by whoever closes what is returned
  static ServerExchange.Scope attach(Deadline deadline, ServerExchange.Scope outer) {
    if (!deadline.set()) {
      return outer;
    }
    Scope scope = Context.current().with(KEY, deadline).makeCurrent();
    return () -> {
      scope.close();
      outer.close();
    };
  }

  private record Said(long millis, HeaderChange header) {}

  /** Tells the peer how long an attempt is waited for; at least 1 ms. */
  static HeaderChange header(Duration left) {
    long millis = Math.max(1, left.toMillis());
    Said said = last;
    if (said == null || said.millis != millis) {
      said = new Said(millis, WireEdits.set(HEADER, Long.toString(millis)));
      last = said;
    }
    return said.header;
  }

  private static Optional<Duration> millis(List<String> values) {
    return number(values.isEmpty() ? null : values.get(0).strip()).map(Duration::ofMillis);
  }

  /** At most eight digits and a unit: {@code 100m} is 100 ms (gRPC over HTTP/2). */
  private static Optional<Duration> grpc(List<String> values) {
    if (values.isEmpty() || values.get(0).length() < 2) {
      return Optional.empty();
    }
    String text = values.get(0);
    Optional<Long> amount = number(text.substring(0, text.length() - 1));
    return amount.flatMap(
        number ->
            switch (text.charAt(text.length() - 1)) {
              case 'H' -> Optional.of(Duration.ofHours(number));
              case 'M' -> Optional.of(Duration.ofMinutes(number));
              case 'S' -> Optional.of(Duration.ofSeconds(number));
              case 'm' -> Optional.of(Duration.ofMillis(number));
              case 'u' -> Optional.of(Duration.ofNanos(number * 1_000));
              case 'n' -> Optional.of(Duration.ofNanos(number));
              default -> Optional.empty();
            });
  }

  private static Optional<Long> number(@Nullable String text) {
    if (text == null || text.isEmpty() || text.length() > MOST_DIGITS) {
      return Optional.empty();
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return Optional.empty();
      }
    }
    return Optional.of(Long.valueOf(text));
  }
}
