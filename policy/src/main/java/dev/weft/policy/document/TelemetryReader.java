package dev.weft.policy.document;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads Istio {@code Telemetry}: whether access is logged, and how many traces are recorded. */
final class TelemetryReader {
  private TelemetryReader() {}

  static Spec read(Fields document) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      return new Spec.TelemetrySpec(Map.of(), Optional.empty(), Optional.empty());
    }
    Fields fields = found.get();
    Map<String, String> selector = Selectors.read(fields);
    Optional<Boolean> accessLog = Optional.empty();
    List<Fields> entries = fields.objects("accessLogging");
    for (Fields entry : entries) {
      boolean on = !entry.flag("disabled").orElse(false);
      accessLog = Optional.of(on || accessLog.orElse(false));
      for (Fields provider : entry.objects("providers")) {
        provider.requiredText("name"); // all of them are the agent's log
        provider.finish();
      }
      entry.notEnforced("filter", "match");
      entry.finish();
    }
    fields.notSupported("targetRef", "targetRefs");
    Optional<Double> sampling = Optional.empty();
    for (Fields entry : fields.objects("tracing")) {
      Optional<Double> one = sampling(entry);
      sampling = sampling.or(() -> one);
    }
    fields.notEnforced("metrics");
    fields.finish();
    return new Spec.TelemetrySpec(selector, accessLog, sampling);
  }

  /**
   * How many root traces are recorded. What a caller has begun is carried on whatever this says.
   */
  private static Optional<Double> sampling(Fields entry) {
    Optional<Double> percent = entry.decimal("randomSamplingPercentage", 0, 100);
    boolean off = entry.flag("disableSpanReporting").orElse(false);
    if (off) {
      entry.problem(
          Code.NOT_ENFORCED,
          "disableSpanReporting",
          "no trace begins here; spans of traces that callers record are reported all the same");
    }
    for (Fields provider : entry.objects("providers")) {
      provider.requiredText("name"); // all of them are where OTEL_EXPORTER_OTLP_ENDPOINT leads
      provider.finish();
    }
    entry.notEnforced("customTags", "match", "useRequestIdForTraceSampling", "enableIstioTags");
    entry.finish();
    return off ? Optional.of(0.0) : percent;
  }
}
