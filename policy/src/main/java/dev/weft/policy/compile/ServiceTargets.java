package dev.weft.policy.compile;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Spec;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Finds the Services that direct policies name. Confined to one compilation. */
final class ServiceTargets {
  private final ServiceIndex services;
  private final List<Diagnostic> diagnostics;

  ServiceTargets(ServiceIndex services, List<Diagnostic> diagnostics) {
    this.services = services;
    this.diagnostics = diagnostics;
  }

  /**
   * A Service and the ports that are meant.
   *
   * @param wholly whether no single port was named
   * @param ports empty: the one that was named does not exist
   */
  record Target(CompiledService service, boolean wholly, SortedSet<Integer> ports) {

    /** As policies name ports: empty for all. */
    List<Integer> namedPorts() {
      return wholly ? List.of() : List.copyOf(ports);
    }
  }

  /** What a reference names; empty, and a warning, when there is no such Service or port. */
  Optional<Target> find(Spec.TargetRef ref, String consequence) {
    Optional<CompiledService> service = services.key(ref.key());
    if (service.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_TARGET.at(
              ref.place(), "there is no Service " + ref.key() + "; " + consequence));
      return Optional.empty();
    }
    SortedSet<Integer> ports = new TreeSet<>();
    if (ref.sectionName().isEmpty()) {
      service.get().ports().forEach(port -> ports.add(port.port()));
      return Optional.of(new Target(service.get(), true, ports));
    }
    String name = ref.sectionName().get();
    service.get().port(name).ifPresent(port -> ports.add(port.port()));
    if (ports.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_PORT.at(
              ref.place(),
              "Service "
                  + ref.key()
                  + " has no port \""
                  + name
                  + "\"; its ports: "
                  + service.get().portList()));
      return Optional.empty();
    }
    return Optional.of(new Target(service.get(), false, ports));
  }
}
