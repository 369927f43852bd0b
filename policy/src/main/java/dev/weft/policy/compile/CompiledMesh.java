package dev.weft.policy.compile;

import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Snapshot;
import dev.weft.policy.document.Diagnostic;
import java.util.List;
import java.util.Map;

/** A mesh as its documents and workloads make it. Immutable; thread-safe. */
public final class CompiledMesh {
  private final String trustDomain;
  private final List<String> trustBundle;

  CompiledMesh(String trustDomain, List<String> trustBundle) {
    this.trustDomain = trustDomain;
    this.trustBundle = trustBundle;
  }

  /** What one workload needs to know; its version is a hash of the content. */
  public Snapshot snapshotFor(Workload workload) {
    return new Snapshot(
        "empty",
        trustDomain,
        trustBundle,
        new Inbound(
            workload.id(),
            workload.service(),
            workload.namespace(),
            workload.spiffeId(),
            workload.labels(),
            new Inbound.Mtls(MtlsMode.PERMISSIVE, "default"),
            Map.of(),
            List.of()),
        List.of(),
        MeshSettings.DEFAULT);
  }

  /** What is wrong between documents, or between documents and workloads, in order of place. */
  public List<Diagnostic> diagnostics() {
    return List.of();
  }
}
