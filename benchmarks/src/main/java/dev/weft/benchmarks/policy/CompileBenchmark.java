package dev.weft.benchmarks.policy;

import dev.weft.policy.Snapshot;
import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.part.PartSet;
import dev.weft.policy.part.PartStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a change of the policy folder costs: 1,000 services with 10,000 endpoints and 50 rules each,
 * read from YAML as a whole, and after an edit of one file or the arrival of one workload. The mesh
 * of a tenth of that is the baseline: what is incremental shall not cost ten times as much.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgs = "-Xmx2g")
public class CompileBenchmark {
  private static final int RULES = 50;
  private static final int ENDPOINTS = 10;

  @Param({"100", "1000"})
  public int services = 100;

  private MeshOfFiles mesh = new MeshOfFiles(1, 1, 1);
  private List<SourceFile> files = List.of();
  private List<Workload> workloads = List.of();
  private PolicyStore store = PolicyStore.empty();
  private CompiledMesh compiled =
      MeshCompiler.compile(PolicyStore.empty(), List.of(), "cluster.local", List.of());
  private final PartStore parts = new PartStore();
  private int edits;

  @Setup
  public void compile() {
    mesh = new MeshOfFiles(services, RULES, ENDPOINTS);
    files = new ArrayList<>(mesh.files());
    workloads = new ArrayList<>(mesh.workloads());
    store = PolicyStore.empty().update(files);
    compiled = MeshCompiler.compile(store, workloads, "cluster.local", List.of("ROOT"));
    compiled.partsFor(workloads.get(0), List.of(), parts);
  }

  /** Everything, from bytes to the snapshot of one workload. */
  @Benchmark
  public Snapshot fromYaml() {
    PolicyStore all = PolicyStore.empty().update(mesh.files());
    return MeshCompiler.compile(all, workloads, "cluster.local", List.of("ROOT"))
        .snapshotFor(workloads.get(0));
  }

  /** One file was edited: until one agent's new parts are known. */
  @Benchmark
  public PartSet oneFileEdited() {
    edits++;
    files.set(0, mesh.file(0, edits % 90 + 1));
    store = store.update(files);
    return next();
  }

  /** One workload went, another came: until one agent's new parts are known. */
  @Benchmark
  public PartSet oneWorkloadReplaced() {
    edits++;
    workloads.set(0, mesh.workload(0, ENDPOINTS + edits % 100));
    return next();
  }

  private PartSet next() {
    compiled = compiled.next(store, workloads, List.of("ROOT"));
    PartSet told = compiled.partsFor(workloads.get(0), List.of(), parts);
    parts.forgetUnused();
    return told;
  }
}
