package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code FaultPolicy}: delays and failures made on purpose. */
final class FaultPolicyReader {
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final double ALWAYS = 100.0;
  private static final int MOST_MATCHES = 32;

  private static final List<String> GRPC_STATUSES =
      List.of(
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

  private FaultPolicyReader() {}

  static Spec read(Fields document, String ownNamespace) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    fields.refuseEmptyFieldsWithin();
    List<FaultPolicySpec.Target> targets = TargetRefs.servicesAndRoutes(fields, ownNamespace);
    List<Fields> items = fields.objects("matches");
    if (items.size() > MOST_MATCHES) {
      fields.problem(Code.BAD_VALUE, "matches", "more than " + MOST_MATCHES + " matches");
    }
    List<FaultPolicySpec.Match> matches = new ArrayList<>();
    items.forEach(item -> matches.add(match(item, ownNamespace)));
    Optional<RouteActions.Delay> delay = fields.object("delay").map(FaultPolicyReader::delay);
    Optional<RouteActions.Abort> abort = fields.object("abort").map(FaultPolicyReader::abort);
    if (!fields.has("delay") && !fields.has("abort")) {
      fields.problem(Code.MISSING_FIELD, "fails nothing; expected delay or abort");
    }
    fields.finish();
    return new FaultPolicySpec(targets, List.copyOf(matches), new RouteActions.Fault(delay, abort));
  }

  private static FaultPolicySpec.Match match(Fields fields, String ownNamespace) {
    List<RouteMatch.NamedMatch> headers = HttpMatchReader.named(fields, "headers");
    List<FaultPolicySpec.Source> sources = new ArrayList<>();
    for (Fields item : fields.objects("sources")) {
      String namespace = item.text("namespace").orElse(ownNamespace);
      String account = item.requiredName("serviceAccount");
      item.finish();
      name(item, "namespace", namespace);
      name(item, "serviceAccount", account);
      sources.add(new FaultPolicySpec.Source(namespace, account));
    }
    if (headers.isEmpty() && sources.isEmpty()) {
      fields.problem(
          Code.MISSING_FIELD, "matches nothing in particular; expected headers or sources");
    }
    fields.finish();
    return new FaultPolicySpec.Match(headers, List.copyOf(sources));
  }

  private static void name(Fields fields, String field, String value) {
    boolean reported = value.isEmpty() && field.equals("serviceAccount");
    if (!reported && !Names.isSubdomain(value)) {
      fields.problem(Code.BAD_VALUE, field, "expected a DNS name, found \"" + value + "\"");
    }
  }

  private static RouteActions.Delay delay(Fields fields) {
    double percent = fields.decimal("percent", 0.0, ALWAYS).orElse(ALWAYS);
    if (!fields.has("duration")) {
      fields.problem(Code.MISSING_FIELD, "field \"duration\" is missing");
    }
    Duration duration = Durations.read(fields, "duration", LEAST, LONGEST).orElse(LEAST);
    fields.finish();
    return new RouteActions.Delay(percent, duration);
  }

  private static RouteActions.Abort abort(Fields fields) {
    double percent = fields.decimal("percent", 0.0, ALWAYS).orElse(ALWAYS);
    Optional<Integer> http = fields.number("httpStatus", 200, 599);
    Optional<String> grpc = fields.choice("grpcStatus", GRPC_STATUSES);
    if (fields.has("httpStatus") == fields.has("grpcStatus")) {
      fields.problem(Code.BAD_VALUE, "expected either httpStatus or grpcStatus");
    }
    fields.finish();
    return new RouteActions.Abort(percent, http, grpc);
  }
}
