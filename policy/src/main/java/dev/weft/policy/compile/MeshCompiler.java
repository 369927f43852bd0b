package dev.weft.policy.compile;

import dev.weft.policy.document.PolicyStore;
import java.util.List;

/** Joins documents and workloads. Stateless. */
public final class MeshCompiler {
  private MeshCompiler() {}

  /** Pure: equal arguments, in any order of the workloads, give equal snapshots. */
  public static CompiledMesh compile(
      PolicyStore policy, List<Workload> workloads, String trustDomain, List<String> trustBundle) {
    return new CompiledMesh(trustDomain, List.copyOf(trustBundle));
  }
}
