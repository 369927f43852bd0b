package dev.weft.policy.compile;

import dev.weft.policy.RouteActions;
import dev.weft.policy.ServicePort;
import dev.weft.policy.WeightedBackend;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Resolves the references of routes to services. Confined to one compilation. */
final class BackendCompiler {
  private final ServiceLookups services;
  private final List<Diagnostic> diagnostics;

  BackendCompiler(ServiceLookups services, List<Diagnostic> diagnostics) {
    this.services = services;
    this.diagnostics = diagnostics;
  }

  /**
   * A rule's backends. Those of a rule that cannot answer are looked at, too, but the only one left
   * is the reason.
   */
  List<WeightedBackend> backends(Spec.RuleSpec rule, String namespace) {
    List<WeightedBackend> backends = new ArrayList<>();
    for (Spec.BackendRef ref : rule.backends()) {
      backends.add(backend(ref, namespace, Optional.of(actions(ref, namespace))));
    }
    return rule.invalid().isEmpty()
        ? List.copyOf(backends)
        : List.of(new WeightedBackend("", 0, 1, Map.of(), rule.invalid(), List.of(), List.of()));
  }

  /** Where copies go; what leads nowhere is left out, and said. */
  List<RouteActions.Mirror> mirrors(List<Spec.MirrorRef> refs, String namespace) {
    List<RouteActions.Mirror> mirrors = new ArrayList<>();
    for (Spec.MirrorRef ref : refs) {
      WeightedBackend backend = backend(ref.backend(), namespace, Optional.empty());
      if (backend.invalid().isEmpty()) {
        mirrors.add(new RouteActions.Mirror(backend, ref.numerator(), ref.denominator()));
      }
    }
    return List.copyOf(mirrors);
  }

  private RouteActions actions(Spec.BackendRef ref, String namespace) {
    RouteActions actions = ref.actions();
    return ref.mirrors().isEmpty()
        ? actions
        : actions.withMirrors(mirrors(ref.mirrors(), namespace));
  }

  /** With {@code actions} for a backend that gets requests, without for one that gets copies. */
  private WeightedBackend backend(
      Spec.BackendRef ref, String namespace, Optional<RouteActions> actions) {
    boolean copies = actions.isEmpty();
    Optional<CompiledService> service =
        ref.host().isEmpty() ? services.key(ref.key()) : services.host(ref.host(), namespace);
    String named = ref.host().isEmpty() ? ref.key() : "\"" + ref.host() + "\"";
    String invalid = ref.invalid();
    int port = ref.port();
    if (invalid.isEmpty() && service.isEmpty()) {
      invalid = dead(Code.UNKNOWN_BACKEND, copies, ref, "Service " + named + " does not exist");
    } else if (invalid.isEmpty() && port == 0) {
      List<ServicePort> ports = service.get().ports();
      port = ports.size() == 1 ? ports.get(0).port() : CalledPort.AS_CALLED;
    } else if (invalid.isEmpty() && service.get().port(port).isEmpty()) {
      invalid =
          dead(
              Code.UNKNOWN_PORT,
              copies,
              ref,
              "Service " + named + " has no port " + port + "; it has " + service.get().portList());
    }
    if (invalid.isEmpty() && ref.subset().isPresent()) {
      invalid = subset(ref, service.get(), copies);
    }
    return new WeightedBackend(
        service.map(CompiledService::key).orElse(ref.host().isEmpty() ? ref.key() : ref.host()),
        port,
        ref.weight(),
        Map.of(),
        invalid,
        ref.requestHeaders(),
        ref.responseHeaders(),
        ref.subset(),
        actions.filter(some -> !some.equals(RouteActions.NONE)));
  }

  /** Why a subset cannot be used; empty: it can. */
  private String subset(Spec.BackendRef ref, CompiledService service, boolean copies) {
    String name = ref.subset().orElse("");
    Set<String> known = services.subsetNames(service.key());
    if (known.contains(name)) {
      return "";
    }
    String reason = "Service " + service.key() + " has no subset \"" + name + "\"";
    String hint = Suggestion.of(name, known);
    String help =
        hint.isEmpty() && !known.isEmpty() ? "; it has " + String.join(", ", known) : hint;
    diagnostics.add(
        copies
            ? Code.UNKNOWN_MIRROR.at(ref.place(), reason + help + "; no copies are sent")
            : Code.UNKNOWN_SUBSET.at(ref.place(), reason + help + "; its requests get 500"));
    return reason;
  }

  private String dead(Code code, boolean copies, Spec.BackendRef ref, String reason) {
    diagnostics.add(
        copies
            ? Code.UNKNOWN_MIRROR.at(ref.place(), reason + "; no copies are sent")
            : code.at(ref.place(), reason + "; its requests get 500"));
    return reason;
  }
}
