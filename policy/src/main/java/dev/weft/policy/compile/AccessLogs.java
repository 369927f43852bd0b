package dev.weft.policy.compile;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.compile.TelemetryCompiler.Closeness;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.TelemetryPolicySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who logs access. Immutable once compiled. */
final class AccessLogs {
  private final boolean byDefault;
  private final AccessLogFormat format;
  private final TelemetryCompiler policies;
  private final List<Switch> switches = new ArrayList<>();

  private AccessLogs(boolean byDefault, AccessLogFormat format, TelemetryCompiler policies) {
    this.byDefault = byDefault;
    this.format = format;
    this.policies = policies;
  }

  /** An Istio {@code Telemetry}. */
  private record Switch(String namespace, Map<String, String> selector, boolean on) {}

  /** {@code byDefault} and {@code format} are {@code MeshConfig}'s. */
  static AccessLogs compile(
      List<Document> documents,
      boolean byDefault,
      AccessLogFormat format,
      TelemetryCompiler policies) {
    AccessLogs logs = new AccessLogs(byDefault, format, policies);
    for (Document document : documents) {
      if (document.spec() instanceof Spec.TelemetrySpec spec && spec.accessLog().isPresent()) {
        logs.switches.add(
            new Switch(document.namespace(), spec.selector(), spec.accessLog().get()));
      }
    }
    return logs;
  }

  /**
   * Empty: off. The closest document counts: the workload's, its namespace's, the mesh's. Of
   * equally close ones a {@code TelemetryPolicy} before a {@code Telemetry}, then the oldest.
   */
  Optional<AccessLogFormat> of(Workload workload) {
    Optional<Boolean> on = Optional.empty();
    Optional<AccessLogFormat> written = Optional.empty();
    for (Closeness closeness : Closeness.values()) {
      for (TelemetryPolicySpec policy : policies.at(closeness, workload)) {
        on = on.or(policy::accessLog);
        written = written.or(policy::accessLogFormat);
      }
      on = on.or(() -> first(closeness, workload));
    }
    return on.orElse(byDefault) ? Optional.of(written.orElse(format)) : Optional.empty();
  }

  private Optional<Boolean> first(Closeness closeness, Workload workload) {
    return switches.stream()
        .filter(
            one ->
                TelemetryCompiler.closeness(one.namespace(), one.selector(), workload)
                    .equals(Optional.of(closeness)))
        .map(Switch::on)
        .findFirst();
  }
}
