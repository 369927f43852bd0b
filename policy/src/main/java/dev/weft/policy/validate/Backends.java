package dev.weft.policy.validate;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.HashSet;
import java.util.Set;

/** Backends behind which nobody is, where it is known who runs. Stateless. */
final class Backends {
  private Backends() {}

  static void check(Scene scene, Validation.Findings findings) {
    if (!scene.facts().live()) {
      return;
    }
    Set<String> ready = new HashSet<>();
    for (Service service : scene.services().values()) {
      for (Endpoint endpoint : service.endpoints()) {
        if (endpoint.ready()) {
          ready.add(service.key() + ":" + endpoint.servicePort());
        }
      }
    }
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.RouteSpec route) {
        for (Spec.RoutePart part : route.parts()) {
          for (Spec.RuleSpec rule : part.rules()) {
            rule.backends().forEach(backend -> check(scene, backend, ready, findings));
          }
        }
      }
    }
  }

  private static void check(
      Scene scene, Spec.BackendRef backend, Set<String> ready, Validation.Findings findings) {
    Service service = scene.services().get(backend.key());
    boolean counts = backend.weight() > 0 && backend.port() > 0 && backend.invalid().isEmpty();
    if (counts
        && service != null
        && service.external().isEmpty()
        && service.ports().stream().anyMatch(port -> port.port() == backend.port())
        && !ready.contains(backend.key() + ":" + backend.port())) {
      findings.add(
          Code.NO_READY_ENDPOINT,
          backend.place(),
          "Service "
              + backend.key()
              + " has no ready endpoint for port "
              + backend.port()
              + "; its share of the requests gets 503");
    }
  }
}
