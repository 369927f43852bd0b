package dev.weft.policy.compile;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Who logs access. Immutable once compiled. */
final class AccessLogs {
  private final boolean byDefault;
  private final AccessLogFormat format;
  private final List<Switch> switches = new ArrayList<>();

  private AccessLogs(boolean byDefault, AccessLogFormat format) {
    this.byDefault = byDefault;
    this.format = format;
  }

  private record Switch(
      String namespace, boolean meshWide, Map<String, String> selector, boolean on) {}

  /** {@code byDefault} and {@code format} are {@code MeshConfig}'s. */
  static AccessLogs compile(List<Document> documents, boolean byDefault, AccessLogFormat format) {
    AccessLogs logs = new AccessLogs(byDefault, format);
    for (Document document : documents) {
      if (document.spec() instanceof Spec.TelemetrySpec spec && spec.accessLog().isPresent()) {
        boolean root = MeshCompiler.ROOT_NAMESPACES.contains(document.namespace());
        logs.switches.add(
            new Switch(
                document.namespace(),
                root && spec.selector().isEmpty(),
                spec.selector(),
                spec.accessLog().get()));
      }
    }
    return logs;
  }

  /** Empty: off. The closest document counts: the workload's, its namespace's, the mesh's. */
  Optional<AccessLogFormat> of(Workload workload) {
    boolean on =
        first(one -> isFor(workload, one) && !one.selector().isEmpty())
            .or(() -> first(one -> isFor(workload, one) && one.selector().isEmpty()))
            .or(() -> first(Switch::meshWide))
            .map(Switch::on)
            .orElse(byDefault);
    return on ? Optional.of(format) : Optional.empty();
  }

  private static boolean isFor(Workload workload, Switch one) {
    return !one.meshWide()
        && one.namespace().equals(workload.namespace())
        && workload.matches(one.selector());
  }

  /** The oldest. */
  private Optional<Switch> first(Predicate<Switch> scope) {
    return switches.stream().filter(scope).findFirst();
  }
}
