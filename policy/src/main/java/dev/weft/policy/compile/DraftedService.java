package dev.weft.policy.compile;

import dev.weft.policy.document.Diagnostic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What became of a Service document, or of the workloads of a service without one, and all that it
 * was made of. As long as that is the same, it need not be made again. Immutable.
 *
 * @param modes of mutual TLS that decide about the workloads' ports
 * @param found what documents say of its endpoints, port by port
 * @param draft empty: there is no such service
 */
record DraftedService(
    List<Workload> workloads,
    List<InboundCompiler.Modes> modes,
    List<List<StaticEndpoints.Found>> found,
    Optional<ServiceDraft> draft,
    List<Diagnostic> diagnostics) {

  /** Whether it was made of the same; workloads that did not change are the same objects. */
  private boolean madeOf(
      List<Workload> workloadsNow,
      List<InboundCompiler.Modes> modesNow,
      List<List<StaticEndpoints.Found>> foundNow) {
    return sameObjects(workloads, workloadsNow) && modes.equals(modesNow) && found.equals(foundNow);
  }

  @SuppressWarnings("ReferenceEquality") // the index keeps what is equal
  private static boolean sameObjects(List<Workload> some, List<Workload> others) {
    if (some == others) {
      return true;
    }
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (some.get(i) != others.get(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Makes the drafts of one compilation, or takes them from the one before. Confined to one
   * compilation.
   */
  static final class Drafts {
    private final Map<Object, DraftedService> before;
    private final Map<Object, DraftedService> now = new HashMap<>();
    private final List<Diagnostic> diagnostics;

    /** {@code before} are drafts of an earlier compilation, {@code diagnostics} of this one. */
    Drafts(Map<Object, DraftedService> before, List<Diagnostic> diagnostics) {
      this.before = before;
      this.diagnostics = diagnostics;
    }

    /**
     * The draft under a key, made of these things and of nothing else but the key.
     *
     * @param made may add diagnostics
     */
    Optional<ServiceDraft> draft(
        Object key,
        List<Workload> workloads,
        List<InboundCompiler.Modes> modes,
        List<List<StaticEndpoints.Found>> found,
        Supplier<Optional<ServiceDraft>> made) {
      DraftedService drafted = before.get(key);
      if (drafted != null && drafted.madeOf(workloads, modes, found)) {
        diagnostics.addAll(drafted.diagnostics());
      } else {
        int from = diagnostics.size();
        Optional<ServiceDraft> draft = made.get();
        List<Diagnostic> said = diagnostics.subList(from, diagnostics.size());
        drafted =
            new DraftedService(workloads, modes, List.copyOf(found), draft, List.copyOf(said));
      }
      now.put(key, drafted);
      return drafted.draft();
    }

    /** What the next compilation may take over. */
    Map<Object, DraftedService> made() {
      return now;
    }
  }
}
