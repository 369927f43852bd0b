package dev.weft.policy.compile;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Spec;
import java.util.Collections;
import java.util.List;

/**
 * Says which {@code VirtualService}s are for one service, so that one is asked first. Stateless.
 */
final class SharedHosts {
  private SharedHosts() {}

  /** Looks at the routes of a service, in order of their documents. */
  static void report(
      CompiledService service, List<RouteBinding> bindings, List<Diagnostic> diagnostics) {
    for (int i = 1; i < bindings.size(); i++) {
      RouteBinding younger = bindings.get(i);
      for (RouteBinding older : bindings.subList(0, i)) {
        if (share(older, younger, service)) {
          diagnostics.add(
              Code.CONFLICT.at(
                  younger.place(),
                  older.title()
                      + " has rules for Service "
                      + service.key()
                      + " already; they are asked first"));
          break;
        }
      }
    }
  }

  private static boolean share(RouteBinding one, RouteBinding other, CompiledService service) {
    boolean producer = one.isProducer(service);
    return one.order() == Spec.Order.LISTED
        && other.order() == Spec.Order.LISTED
        && one.layer() == other.layer()
        && one.distance() == other.distance()
        && !one.title().equals(other.title())
        && !Collections.disjoint(one.ports(), other.ports())
        && producer == other.isProducer(service)
        && (producer || one.namespace().equals(other.namespace()));
  }
}
