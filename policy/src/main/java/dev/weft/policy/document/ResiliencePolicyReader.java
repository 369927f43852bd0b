package dev.weft.policy.document;

import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.RouteActions.RetryOn;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.document.AgentFeatures.Feature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code ResiliencePolicy}: how clients treat a Service. */
final class ResiliencePolicyReader {
  private static final int MOST = 10_000_000;
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofHours(24);

  private static final List<String> MATTERS =
      List.of(
          "balancing",
          "connections",
          "limits",
          "outliers",
          "retry",
          "timeouts",
          "retryBudget",
          "hedging",
          "circuit");

  private static final Map<String, RetryOn> CONDITIONS = new LinkedHashMap<>();

  static {
    CONDITIONS.put("connect-failure", RetryOn.CONNECT_FAILURE);
    CONDITIONS.put("refused-stream", RetryOn.REFUSED_STREAM);
    CONDITIONS.put("reset", RetryOn.RESET);
    CONDITIONS.put("gateway-error", RetryOn.GATEWAY_ERROR);
    CONDITIONS.put("5xx", RetryOn.SERVER_ERROR);
    CONDITIONS.put("retriable-4xx", RetryOn.RETRIABLE_4XX);
    CONDITIONS.put("cancelled", RetryOn.GRPC_CANCELLED);
    CONDITIONS.put("deadline-exceeded", RetryOn.GRPC_DEADLINE_EXCEEDED);
    CONDITIONS.put("internal", RetryOn.GRPC_INTERNAL);
    CONDITIONS.put("resource-exhausted", RetryOn.GRPC_RESOURCE_EXHAUSTED);
    CONDITIONS.put("unavailable", RetryOn.GRPC_UNAVAILABLE);
  }

  private ResiliencePolicyReader() {}

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
    List<Spec.TargetRef> targets = TargetRefs.services(fields, ownNamespace);
    if (MATTERS.stream().noneMatch(fields::has)) {
      fields.problem(
          Code.MISSING_FIELD, "says nothing; expected one of " + String.join(", ", MATTERS));
    }
    Optional<Fields> connections = fields.object("connections");
    Optional<Integer> max = connections.flatMap(c -> c.number("max", 1, MOST));
    Optional<Duration> connect = connections.flatMap(c -> time(c, "connectTimeout", MILLI, HOUR));
    connections.ifPresent(Fields::finish);
    if (connections.isPresent() && targets.stream().anyMatch(t -> t.sectionName().isPresent())) {
      fields.problem(
          Code.BAD_VALUE,
          "connections",
          "are counted for the whole Service; leave sectionName out of its target");
    }
    TrafficPolicy traffic =
        new TrafficPolicy(
            "",
            List.of(),
            BalancingReader.read(fields),
            fields.object("limits").map(ResiliencePolicyReader::limits),
            fields.object("outliers").map(ResiliencePolicyReader::outliers),
            fields.object("retryBudget").map(ResiliencePolicyReader::retryBudget),
            Optional.empty(),
            Optional.empty(),
            fields.object("hedging").map(ResiliencePolicyReader::hedging),
            fields.object("circuit").map(ResiliencePolicyReader::circuit));
    Optional<Retry> retry = fields.object("retry").map(ResiliencePolicyReader::retry);
    Optional<Fields> timeouts = fields.object("timeouts");
    Optional<Duration> request = timeouts.flatMap(t -> time(t, "request", MILLI, DAY));
    Optional<Duration> attempt = timeouts.flatMap(t -> time(t, "backendRequest", MILLI, DAY));
    if (request.isPresent() && attempt.isPresent() && attempt.get().compareTo(request.get()) > 0) {
      timeouts
          .get()
          .problem(Code.BAD_VALUE, "backendRequest", "one attempt cannot last longer than request");
    }
    timeouts.ifPresent(Fields::finish);
    fields.finish();
    return new ResiliencePolicySpec(targets, max, connect, traffic, retry, request, attempt);
  }

  private static TrafficPolicy.RequestLimits limits(Fields fields) {
    TrafficPolicy.RequestLimits limits =
        new TrafficPolicy.RequestLimits(
            fields.number("maxPending", 1, MOST),
            fields.number("maxRequests", 1, MOST),
            fields.number("maxRetries", 1, MOST),
            fields.number("maxRequestsPerConnection", 1, MOST),
            time(fields, "idleTimeout", MILLI, DAY));
    for (String field : List.of("maxPending", "maxRequestsPerConnection", "idleTimeout")) {
      AgentFeatures.check(Feature.POOLING, fields, field);
    }
    fields.finish();
    return limits;
  }

  private static TrafficPolicy.OutlierDetection outliers(Fields fields) {
    TrafficPolicy.OutlierDetection outliers =
        new TrafficPolicy.OutlierDetection(
            fields.number("consecutiveErrors", 0, MOST),
            fields.number("consecutiveGatewayErrors", 1, MOST),
            fields.number("consecutiveLocalFailures", 1, MOST),
            time(fields, "interval", MILLI, HOUR),
            time(fields, "baseEjection", MILLI, DAY),
            fields.number("maxEjectionPercent", 0, 100),
            fields.number("minHealthPercent", 0, 100));
    fields.finish();
    return outliers;
  }

  private static TrafficPolicy.RetryBudget retryBudget(Fields fields) {
    TrafficPolicy.RetryBudget budget =
        new TrafficPolicy.RetryBudget(
            fields.number("percent", 0, 100).orElse(20),
            time(fields, "interval", SECOND, HOUR).orElse(Duration.ofSeconds(10)),
            fields.number("minPerSecond", 0, 1_000_000).orElse(10));
    fields.finish();
    return budget;
  }

  private static TrafficPolicy.Hedging hedging(Fields fields) {
    if (!fields.has("delay")) {
      fields.problem(Code.MISSING_FIELD, "field \"delay\" is missing");
    }
    TrafficPolicy.Hedging hedging =
        new TrafficPolicy.Hedging(
            time(fields, "delay", MILLI, HOUR).orElse(SECOND),
            fields.number("attempts", 1, 5).orElse(1));
    fields.finish();
    return hedging;
  }

  private static TrafficPolicy.Circuit circuit(Fields fields) {
    TrafficPolicy.Circuit circuit =
        new TrafficPolicy.Circuit(
            fields.number("failurePercent", 1, 100).orElse(50),
            fields.number("minRequests", 1, MOST).orElse(20),
            time(fields, "window", SECOND, HOUR).orElse(Duration.ofSeconds(10)),
            time(fields, "open", MILLI, HOUR).orElse(Duration.ofSeconds(30)),
            fields.number("probes", 1, 1000).orElse(1));
    fields.finish();
    return circuit;
  }

  private static Retry retry(Fields fields) {
    Optional<Integer> attempts = fields.number("attempts", 0, 100);
    List<Integer> codes = new ArrayList<>(fields.numbers("codes", 400, 599));
    List<RetryOn> conditions = new ArrayList<>();
    for (Fields.Text text : fields.texts("conditions")) {
      RetryOn condition = CONDITIONS.get(text.value());
      if (condition == null) {
        fields.problem(
            Code.BAD_VALUE,
            text,
            "expected one of "
                + String.join(", ", CONDITIONS.keySet())
                + ", found \""
                + text.value()
                + "\""
                + Suggestion.of(text.value(), CONDITIONS.keySet()));
      } else {
        conditions.add(condition);
      }
    }
    Optional<Duration> backoff = time(fields, "backoff", MILLI, HOUR);
    fields.finish();
    return new Retry(
        attempts, List.copyOf(codes), List.copyOf(conditions), backoff, Optional.empty());
  }

  private static Optional<Duration> time(
      Fields fields, String name, Duration least, Duration most) {
    return Durations.read(fields, name, least, most);
  }
}
