package dev.weft.policy.document;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads Istio {@code Telemetry}: whether access is logged. */
final class TelemetryReader {
  private TelemetryReader() {}

  static Spec read(Fields document) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      return new Spec.TelemetrySpec(Map.of(), Optional.empty());
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
    fields.notEnforced("tracing", "metrics");
    fields.finish();
    return new Spec.TelemetrySpec(selector, accessLog);
  }
}
