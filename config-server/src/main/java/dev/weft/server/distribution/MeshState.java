package dev.weft.server.distribution;

import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.server.policy.Generation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One compilation: documents and workloads of one moment, and what became of them. Immutable.
 *
 * @param number counts compilations
 * @param generation of the documents
 * @param conflicts what is wrong between workloads, whatever the documents say
 * @param failure why the compiler itself failed, in which case the mesh before stays in force;
 *     empty: it did not
 */
public record MeshState(
    long number,
    PolicyStore policy,
    Generation generation,
    List<Workload> workloads,
    List<Diagnostic> conflicts,
    CompiledMesh mesh,
    Instant compiledAt,
    String failure) {

  /** Everything that is wrong with documents and workloads, in order of place. */
  public List<Diagnostic> diagnostics() {
    List<Diagnostic> all = new ArrayList<>(policy.diagnostics());
    all.addAll(mesh.diagnostics());
    all.addAll(conflicts);
    Collections.sort(all);
    return all;
  }

  MeshState failed(String reason) {
    return new MeshState(
        number, policy, generation, workloads, conflicts, mesh, compiledAt, reason);
  }
}
