package dev.weft.policy.compile;

import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Everything that can be said about documents without a running mesh. Stateless. */
public final class Lint {
  private Lint() {}

  /** All diagnostics, in order of place. A service without endpoints is none. */
  public static List<Diagnostic> lint(List<SourceFile> files) {
    PolicyStore policy = PolicyStore.empty().update(files);
    List<Diagnostic> all = new ArrayList<>(policy.diagnostics());
    all.addAll(MeshCompiler.compile(policy, List.of(), "cluster.local", List.of()).diagnostics());
    Collections.sort(all);
    return List.copyOf(all);
  }
}
