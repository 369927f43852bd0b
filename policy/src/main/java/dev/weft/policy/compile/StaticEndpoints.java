package dev.weft.policy.compile;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Locality;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that documents name: of {@code WorkloadEntry}s and inside {@code ServiceEntry}s. One at
 * whose address and port a workload is registered is that workload; one with a service account is
 * of the mesh; any other is reached in plaintext. Confined to one compilation.
 */
final class StaticEndpoints {
  private final String trustDomain;
  private final List<Workload> workloads;
  private final List<Entry> entries = new ArrayList<>();

  /** Workloads by address, as soon as a document names one. */
  private @Nullable Map<String, List<Workload>> registered;

  private record Entry(String namespace, String name, Spec.StaticEndpoint endpoint) {}

  StaticEndpoints(List<Document> documents, List<Workload> workloads, String trustDomain) {
    this.trustDomain = trustDomain;
    this.workloads = workloads;
    for (Document document : documents) {
      if (document.spec() instanceof Spec.WorkloadEntrySpec spec) {
        entries.add(new Entry(document.namespace(), document.name(), spec.endpoint()));
      }
    }
  }

  /** What an endpoint is that was found. */
  sealed interface Found {
    /** Somebody who registered. */
    record Registered(Workload workload, int port) implements Found {}

    /** Somebody of whom only the document knows. */
    record Named(Endpoint endpoint) implements Found {}
  }

  /** The {@code WorkloadEntry}s that a selector means. */
  List<Found> selected(String namespace, Map<String, String> selector, Spec.TargetedPort port) {
    if (selector.isEmpty() || entries.isEmpty()) {
      return List.of();
    }
    List<Found> found = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.namespace().equals(namespace)
          && entry.endpoint().labels().entrySet().containsAll(selector.entrySet())) {
        found.add(found(namespace, entry.name(), entry.endpoint(), port));
      }
    }
    return found;
  }

  /** Endpoints of a {@code ServiceEntry}. */
  List<Found> named(
      String namespace, String name, List<Spec.StaticEndpoint> endpoints, Spec.TargetedPort port) {
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      found.add(found(namespace, name + "-" + i, endpoints.get(i), port));
    }
    return found;
  }

  private Found found(
      String namespace, String name, Spec.StaticEndpoint endpoint, Spec.TargetedPort port) {
    int number = number(endpoint, port);
    Optional<Workload> workload =
        registered().getOrDefault(endpoint.address(), List.of()).stream()
            .filter(one -> one.listening().contains(number))
            .findFirst();
    if (workload.isPresent()) {
      return new Found.Registered(workload.get(), number);
    }
    String account = endpoint.serviceAccount();
    return new Found.Named(
        new Endpoint(
            endpoint.address(),
            number,
            port.port().port(),
            name,
            account.isEmpty()
                ? ""
                : "spiffe://" + trustDomain + "/ns/" + namespace + "/sa/" + account,
            endpoint.labels(),
            true,
            locality(endpoint.locality()),
            endpoint.weight(),
            Optional.empty()));
  }

  private Map<String, List<Workload>> registered() {
    if (registered == null) {
      registered = new HashMap<>();
      for (Workload workload : workloads) {
        registered.computeIfAbsent(workload.address(), key -> new ArrayList<>()).add(workload);
      }
    }
    return registered;
  }

  /**
   * Empty where the text names no place: it is the document's, and no reason to lose an endpoint.
   */
  private static Optional<Locality> locality(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Locality.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** By the service's name of the port, else by what the service says. */
  private static int number(Spec.StaticEndpoint endpoint, Spec.TargetedPort port) {
    Integer named = endpoint.ports().get(port.port().name());
    if (named != null) {
      return named;
    }
    if (port.target().number() > 0) {
      return port.target().number();
    }
    return endpoint.ports().getOrDefault(port.target().name(), port.port().port());
  }
}
