package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.IpLiteral;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Endpoints of Services without selector, from {@code EndpointSlice}s. One whose address and port
 * are a registered workload's is that workload; the others are outside the mesh. Confined to one
 * compilation.
 */
final class SliceEndpoints {
  private static final String ZONE = "topology.kubernetes.io/zone";

  private final Map<String, List<Spec.EndpointSliceSpec>> byService = new LinkedHashMap<>();
  private final Map<String, Workload> listeners = new HashMap<>();
  private final List<Diagnostic> diagnostics;

  SliceEndpoints(List<Document> documents, List<Workload> workloads, List<Diagnostic> diagnostics) {
    this.diagnostics = diagnostics;
    for (Document document : documents) {
      if (document.spec() instanceof Spec.EndpointSliceSpec slice && slice.service().isPresent()) {
        byService.computeIfAbsent(slice.service().get(), key -> new ArrayList<>()).add(slice);
      }
    }
    if (byService.isEmpty()) {
      return;
    }
    for (Workload workload : workloads) {
      Optional<String> address = IpLiteral.canonical(workload.address());
      for (int port : workload.listening()) {
        address.ifPresent(found -> listeners.putIfAbsent(found + " " + port, workload));
      }
    }
  }

  /** What is at an address and port that a document names. */
  record Found(Spec.SliceEndpoint endpoint, int port, Optional<Workload> workload) {

    /** As Kubernetes has it: those on their way out serve where there are no others. */
    boolean ready(boolean noneReady) {
      return switch (endpoint.readiness()) {
        case READY -> workload.map(one -> one.ready(port)).orElse(true);
        case NOT_READY -> false;
        case LEAVING -> noneReady;
      };
    }

    /** Outside the mesh, as far as the registry knows. */
    Endpoint outside(int servicePort, boolean ready) {
      return new Endpoint(
          endpoint.address(),
          port,
          servicePort,
          "",
          "",
          endpoint.zone().map(zone -> Map.of(ZONE, zone)).orElse(Map.of()),
          ready);
    }
  }

  /** What the slices of a Service say about a port of this name. */
  List<Found> of(String service, Spec.TargetedPort port) {
    List<Found> found = new ArrayList<>();
    boolean named = false;
    for (Spec.EndpointSliceSpec slice : byService.getOrDefault(service, List.of())) {
      for (Spec.SlicePort slicePort : slice.ports()) {
        if (slicePort.name().equals(port.port().name())) {
          named = true;
          for (Spec.SliceEndpoint endpoint : slice.endpoints()) {
            Optional<Workload> workload =
                Optional.ofNullable(listeners.get(endpoint.address() + " " + slicePort.number()));
            found.add(new Found(endpoint, slicePort.number(), workload));
          }
        }
      }
    }
    if (!named) {
      diagnostics.add(
          Code.NO_ENDPOINTS.at(
              port.place(),
              "Service "
                  + service
                  + " has no selector, and "
                  + (byService.containsKey(service)
                      ? "none of its EndpointSlices has a port \"" + port.port().name() + "\""
                      : "there is no EndpointSlice for it")));
    }
    return found;
  }

  /** Reports slices that no Service asks for. */
  void warnOfIdle(Map<String, Spec.ServiceSpec> services) {
    byService.forEach(
        (service, slices) -> {
          Spec.ServiceSpec spec = services.get(service);
          for (Spec.EndpointSliceSpec slice : slices) {
            if (spec == null) {
              diagnostics.add(
                  Code.NO_ENDPOINTS.at(slice.place(), "Service " + service + " does not exist"));
            } else if (!spec.selector().isEmpty()) {
              diagnostics.add(
                  Code.NO_EFFECT.at(
                      slice.place(),
                      "Service "
                          + service
                          + " has a selector: the workloads that it selects are its endpoints,"
                          + " not the slice's"));
            } else if (spec.externalName().isPresent()) {
              diagnostics.add(
                  Code.NO_EFFECT.at(
                      slice.place(),
                      "Service " + service + " is of type ExternalName and has no endpoints"));
            }
          }
        });
  }
}
