package dev.weft.policy.compile;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Spec;
import java.util.List;

/** What {@code MeshConfig} says. Immutable. */
record MeshWide(
    MeshSettings settings, Inbound.Mtls mtls, boolean accessLog, AccessLogFormat accessLogFormat) {
  static MeshWide compile(
      List<Document> documents, String trustDomain, List<Diagnostic> diagnostics) {
    MeshWide found =
        new MeshWide(
            MeshSettings.DEFAULT,
            new Inbound.Mtls(MtlsMode.PERMISSIVE, "default"),
            false,
            AccessLogFormat.TEXT);
    String first = "";
    for (Document document : documents) {
      if (document.kind() != Kind.MESH_CONFIG
          || !(document.spec() instanceof Spec.MeshConfigSpec spec)) {
        continue;
      }
      if (first.isEmpty()) {
        first = document.title();
        found = of(spec, document.title(), trustDomain);
      } else {
        diagnostics.add(
            Code.CONFLICT.at(
                document.place(), "a mesh has one MeshConfig; " + first + " is in force"));
      }
    }
    return found;
  }

  private static MeshWide of(Spec.MeshConfigSpec spec, String title, String trustDomain) {
    MeshSettings defaults = MeshSettings.DEFAULT;
    return new MeshWide(
        new MeshSettings(
            spec.meshNetworks(),
            InboundCompiler.principals(spec.revoked(), trustDomain).stream()
                .map(principal -> "spiffe://" + principal)
                .toList(),
            spec.retryBudgetPercent().orElse(defaults.retryBudgetPercent()),
            spec.retryBudgetMinPerSecond().orElse(defaults.retryBudgetMinPerSecond()),
            spec.traceSamplingPercent().orElse(defaults.traceSamplingPercent()),
            spec.defaults().connectTimeout(),
            spec.defaults().balancing(),
            spec.probes(),
            spec.trustDomainAliases()),
        spec.mtls()
            .map(mode -> new Inbound.Mtls(mode, title))
            .orElse(new Inbound.Mtls(MtlsMode.PERMISSIVE, "default")),
        spec.accessLog().orElse(false),
        spec.accessLogFormat().orElse(AccessLogFormat.TEXT));
  }
}
