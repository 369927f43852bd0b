package dev.weft.policy.compile;

import dev.weft.policy.RouteActions;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What is odd about the hosts of {@code VirtualService}s where they meet services. Confined to one
 * compilation.
 */
final class HostLint {
  private final ServiceLookups services;
  private final List<Diagnostic> diagnostics;

  /** A document is bound part by part; what is wrong with a host is said once. */
  private final Set<Diagnostic> said = new HashSet<>();

  HostLint(ServiceLookups services, List<Diagnostic> diagnostics) {
    this.services = services;
    this.diagnostics = diagnostics;
  }

  void check(
      Document document, Spec.RoutePart part, Spec.HostRef parent, List<CompiledService> found) {
    boolean root = MeshCompiler.ROOT_NAMESPACES.contains(document.namespace());
    List<String> elsewhere =
        found.stream()
            .filter(service -> !root && !service.namespace().equals(document.namespace()))
            .map(CompiledService::key)
            .toList();
    if (!elsewhere.isEmpty()) {
      say(
          Code.CONSUMERS_ONLY,
          parent.place(),
          "Service "
              + String.join(", ", elsewhere)
              + " is of another namespace: only clients of namespace "
              + document.namespace()
              + " are bound, while Istio binds everybody");
    }
    for (CompiledService service : found) {
      if (PortProtocols.ports(service, part.layer()).isEmpty()) {
        say(
            Code.UNKNOWN_PORT,
            parent.place(),
            "no port of Service "
                + service.key()
                + " is one of "
                + part.layer().name().toLowerCase(Locale.ROOT)
                + "; such rules take no traffic there");
      } else if (service.leftToDns()
          && part.rules().stream().anyMatch(rule -> isLost(rule, document))) {
        say(
            Code.LET_THROUGH,
            parent.place(),
            "\""
                + service.name()
                + "\" is resolved by the application; redirects and direct answers work, all else"
                + " of these rules has no effect");
      }
      checkPorts(document, part, service);
    }
  }

  /** Whether a rule wants something of requests that are let through. */
  private boolean isLost(Spec.RuleSpec rule, Document document) {
    boolean plain =
        rule.requestHeaders().isEmpty()
            && rule.responseHeaders().isEmpty()
            && rule.requestTimeout().isEmpty()
            && rule.backendTimeout().isEmpty()
            && rule.mirrors().isEmpty()
            && rule.actions().equals(RouteActions.NONE);
    boolean answers = rule.actions().redirect().isPresent() || rule.actions().answer().isPresent();
    return !plain
        && !answers
        && rule.backends().stream()
            .map(ref -> services.host(ref.host(), document.namespace()))
            .anyMatch(backend -> backend.isPresent() && backend.get().leftToDns());
  }

  /** Destinations that name no port lead to the port that was called, if there is such a one. */
  private void checkPorts(Document document, Spec.RoutePart part, CompiledService service) {
    for (Spec.RuleSpec rule : part.rules()) {
      for (Spec.BackendRef ref : rule.backends()) {
        Optional<CompiledService> backend =
            ref.port() > 0 || ref.host().isEmpty()
                ? Optional.empty()
                : services.host(ref.host(), document.namespace());
        if (backend.isEmpty() || backend.get().ports().size() == 1) {
          continue;
        }
        for (int port : PortProtocols.ports(service, part.layer())) {
          if (backend.get().port(port).isEmpty()) {
            say(
                Code.UNKNOWN_PORT,
                ref.place(),
                CalledPort.missing(backend.get().key(), port) + "; its requests get 500");
          }
        }
      }
    }
  }

  private void say(Code code, Place place, String message) {
    Diagnostic diagnostic = code.at(place, message);
    if (said.add(diagnostic)) {
      diagnostics.add(diagnostic);
    }
  }
}
