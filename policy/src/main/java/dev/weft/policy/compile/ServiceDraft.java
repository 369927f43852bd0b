package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import java.util.List;
import java.util.Optional;

/**
 * A service before it has an address. Immutable; for the rest see {@link CompiledService}.
 *
 * @param naming how its names become addresses
 */
record ServiceDraft(
    String namespace,
    String name,
    List<ServicePort> ports,
    List<Endpoint> endpoints,
    String origin,
    Naming naming,
    Optional<Service.External> external,
    List<String> ownHosts,
    List<String> exportTo) {

  /** A service of the mesh, called by its name and namespace. */
  ServiceDraft(
      String namespace,
      String name,
      List<ServicePort> ports,
      List<Endpoint> endpoints,
      String origin,
      Naming naming) {
    this(
        namespace,
        name,
        ports,
        endpoints,
        origin,
        naming,
        naming == Naming.EXTERNAL
            ? Optional.of(new Service.External(Service.Resolution.DNS))
            : Optional.empty(),
        List.of(),
        List.of());
  }

  /** How a service's names become addresses. */
  enum Naming {
    /** To an address of its own. */
    VIRTUAL,
    /** To its endpoints' addresses. */
    HEADLESS,
    /** As DNS says, outside the mesh. */
    EXTERNAL
  }

  /** With an address of its own, if it has one; {@code key} is its {@code namespace/name}. */
  CompiledService at(String key, String virtualAddress) {
    return new CompiledService(
        key,
        namespace,
        name,
        naming == Naming.VIRTUAL ? virtualAddress : "",
        ports,
        endpoints,
        origin,
        external,
        ownHosts,
        exportTo);
  }
}
