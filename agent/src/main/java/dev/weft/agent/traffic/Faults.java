package dev.weft.agent.traffic;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.policy.RouteActions.Abort;
import dev.weft.policy.RouteActions.Delay;
import dev.weft.policy.RouteActions.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Failures made on purpose. Stateless. */
final class Faults {
  private static final int OK = 200;
  private static final String UNKNOWN = "2";

  /** Numbers of gRPC's status codes by name. */
  private static final Map<String, Integer> GRPC =
      Map.ofEntries(
          Map.entry("OK", 0),
          Map.entry("CANCELLED", 1),
          Map.entry("UNKNOWN", 2),
          Map.entry("INVALID_ARGUMENT", 3),
          Map.entry("DEADLINE_EXCEEDED", 4),
          Map.entry("NOT_FOUND", 5),
          Map.entry("ALREADY_EXISTS", 6),
          Map.entry("PERMISSION_DENIED", 7),
          Map.entry("RESOURCE_EXHAUSTED", 8),
          Map.entry("FAILED_PRECONDITION", 9),
          Map.entry("ABORTED", 10),
          Map.entry("OUT_OF_RANGE", 11),
          Map.entry("UNIMPLEMENTED", 12),
          Map.entry("INTERNAL", 13),
          Map.entry("UNAVAILABLE", 14),
          Map.entry("DATA_LOSS", 15),
          Map.entry("UNAUTHENTICATED", 16));

  private Faults() {}

  /** How long this request is held back; mostly not at all. */
  static Duration delay(Optional<Fault> fault, RandomGenerator dice) {
    Delay delay = fault.flatMap(Fault::delay).orElse(null);
    return delay != null && falls(delay.percent(), dice) ? delay.duration() : Duration.ZERO;
  }

  /** The failure of this request; null: it goes. */
  static @Nullable LocalReply abort(
      Optional<Fault> fault, String rule, Duration pause, RandomGenerator dice) {
    Abort abort = fault.flatMap(Fault::abort).orElse(null);
    if (abort == null || !falls(abort.percent(), dice)) {
      return null;
    }
    if (abort.httpStatus().isPresent()) {
      return new LocalReply(
          abort.httpStatus().get(), "FI", rule, "fault made on purpose", List.of(), pause);
    }
    Integer number = GRPC.get(abort.grpcStatus().orElse(""));
    return new LocalReply(
        OK,
        "FI",
        rule,
        "", // a gRPC answer that consists of trailers only has no body
        List.of(
            new HeaderField("content-type", "application/grpc"),
            new HeaderField("grpc-status", number == null ? UNKNOWN : number.toString()),
            new HeaderField("grpc-message", "fault made on purpose")),
        pause);
  }

  private static boolean falls(double percent, RandomGenerator dice) {
    return percent > 0 && (percent >= 100 || dice.nextDouble(100) < percent);
  }
}
