package dev.weft.policy.document;

import dev.weft.policy.RouteActions.Abort;
import dev.weft.policy.RouteActions.Delay;
import dev.weft.policy.RouteActions.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads the field {@code fault} of a rule: failures made on purpose. */
final class IstioFaults {
  private static final double ALL = 100;

  /** By number. */
  private static final List<String> GRPC_STATUSES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  private IstioFaults() {}

  static Optional<Fault> read(Fields rule) {
    Optional<Fields> fault = rule.object("fault");
    if (fault.isEmpty()) {
      return Optional.empty();
    }
    Optional<Delay> delay = fault.get().object("delay").flatMap(IstioFaults::delay);
    Optional<Abort> abort = fault.get().object("abort").flatMap(IstioFaults::abort);
    fault.get().finish();
    if (!fault.get().has("delay") && !fault.get().has("abort")) {
      fault.get().problem(Code.MISSING_FIELD, "one of delay and abort is needed");
    }
    return delay.isEmpty() && abort.isEmpty()
        ? Optional.empty()
        : Optional.of(new Fault(delay, abort));
  }

  private static Optional<Delay> delay(Fields fields) {
    double percent = percent(fields);
    Optional<Duration> duration = IstioFields.duration(fields, "fixedDelay");
    fields.notSupported("exponentialDelay");
    fields.finish();
    if (!fields.has("fixedDelay") && !fields.has("exponentialDelay")) {
      fields.problem(Code.MISSING_FIELD, "field \"fixedDelay\" is missing");
    }
    return duration.map(one -> new Delay(percent, one));
  }

  private static Optional<Abort> abort(Fields fields) {
    double percent = percent(fields);
    Optional<Integer> http = fields.number("httpStatus", 200, 599);
    Optional<String> grpc = fields.textOrNumber("grpcStatus").flatMap(text -> status(fields, text));
    fields.notSupported("http2Error");
    fields.finish();
    if (fields.has("httpStatus") == fields.has("grpcStatus")) {
      fields.problem(Code.MISSING_FIELD, "one of httpStatus and grpcStatus is needed");
    }
    return http.isEmpty() && grpc.isEmpty()
        ? Optional.empty()
        : Optional.of(new Abort(percent, http, grpc));
  }

  /** Without a share, all. {@code percent} is the older, whole number. */
  private static double percent(Fields fields) {
    Optional<Integer> whole = fields.number("percent", 0, 100);
    return IstioFields.percentage(fields, "percentage")
        .or(() -> whole.map(Integer::doubleValue))
        .orElse(ALL);
  }

  private static Optional<String> status(Fields fields, Fields.Text text) {
    String name =
        text.value().matches("[0-9]{1,2}") && Integer.parseInt(text.value()) < GRPC_STATUSES.size()
            ? GRPC_STATUSES.get(Integer.parseInt(text.value()))
            : text.value();
    if (!GRPC_STATUSES.contains(name)) {
      fields.problem(
          Code.BAD_VALUE,
          text,
          "expected a status of gRPC such as UNAVAILABLE, found \""
              + text.value()
              + "\""
              + Suggestion.of(text.value(), GRPC_STATUSES));
      return Optional.empty();
    }
    return Optional.of(name);
  }
}
