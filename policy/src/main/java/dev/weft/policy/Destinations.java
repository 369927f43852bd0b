package dev.weft.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The places to which the rules of a snapshot lead, each worked out once however many rules lead
 * there. Confined to the thread that builds a router.
 */
final class Destinations {
  private final Map<String, Service> services = new HashMap<>();
  private final Map<Key, Destination> known = new HashMap<>();
  private final Map<String, Optional<Service>> uses = new HashMap<>();

  Destinations(List<Service> services) {
    services.forEach(service -> this.services.put(service.key(), service));
  }

  /**
   * The endpoints of one port of a service or subset that are ready, and how they are treated.
   *
   * @param name see {@link Decision.Delivery#destination}
   * @param policies those of the subset before those of the service, those for the port before
   *     those for all
   */
  record Destination(
      String name, Service service, List<Endpoint> endpoints, List<TrafficPolicy> policies) {}

  private record Key(String service, int port, Map<String, String> labels, String subset) {
    String name() {
      String whole = service + ":" + port;
      return !subset.isEmpty()
          ? whole + "|" + subset
          : labels.isEmpty() ? whole : whole + "|" + new TreeMap<>(labels);
    }

    /** Written out: what the JVM makes of it for itself takes classes at every start. */
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key
          && service.equals(key.service)
          && port == key.port
          && labels.equals(key.labels)
          && subset.equals(key.subset);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * (31 * service.hashCode() + port) + labels.hashCode()) + subset.hashCode();
    }
  }

  @Nullable Service service(String key) {
    Service found = services.get(key);
    uses.put(key, Optional.ofNullable(found));
    return found;
  }

  /** As {@link #service}, without counting as a use. */
  @Nullable Service present(String key) {
    return services.get(key);
  }

  /** Begins to note anew which services are asked for. */
  void forgetUses() {
    uses.clear();
  }

  /** The services asked for since {@link #forgetUses}; empty: there is none. */
  Map<String, Optional<Service>> uses() {
    return Map.copyOf(uses);
  }

  /** Whether the mesh chooses the endpoint, rather than the application's own DNS or address. */
  static boolean balances(Service service) {
    return service.external().isEmpty()
        || service.external().get().resolution() == Service.Resolution.STATIC;
  }

  /** A service as a whole. */
  Destination whole(Service service, int port) {
    return destination(service, new Key(service.key(), port, Map.of(), ""), List.of());
  }

  /** Where calls to a service go that no rule takes. */
  Decision plain(Service service, int port) {
    if (!balances(service)) {
      return new Decision.PassThrough("no-route");
    }
    Destination whole = whole(service, port);
    return whole.endpoints().isEmpty()
        ? BackendChoice.noEndpoint("no-route", service)
        : new Decision.Forward(
            "no-route",
            service,
            whole.endpoints(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            new Decision.Delivery(whole.name(), RouteActions.NONE, whole.policies(), List.of()));
  }

  /** What a backend names; empty: it names a subset that does not exist. */
  Optional<Destination> of(Service service, WeightedBackend backend) {
    if (backend.subsetName().isEmpty()) {
      Key key = new Key(service.key(), backend.port(), backend.subset(), "");
      return Optional.of(destination(service, key, List.of()));
    }
    String name = backend.subsetName().get();
    for (Subset subset : service.subsets()) {
      if (subset.name().equals(name)) {
        Key key = new Key(service.key(), backend.port(), subset.labels(), name);
        return Optional.of(destination(service, key, subset.policies()));
      }
    }
    return Optional.empty();
  }

  /** The copies of a rule's requests that find somebody. */
  List<Decision.Copy> copies(List<RouteActions.Mirror> mirrors) {
    List<Decision.Copy> copies = new ArrayList<>();
    for (RouteActions.Mirror mirror : mirrors) {
      Service service = service(mirror.backend().service());
      Optional<Destination> found =
          service == null ? Optional.empty() : of(service, mirror.backend());
      if (found.isPresent() && !found.get().endpoints().isEmpty()) {
        copies.add(
            new Decision.Copy(
                found.get().service(),
                found.get().endpoints(),
                mirror.numerator(),
                mirror.denominator()));
      }
    }
    return List.copyOf(copies);
  }

  private Destination destination(Service service, Key key, List<TrafficPolicy> ofSubset) {
    return known.computeIfAbsent(
        key,
        missing ->
            new Destination(
                key.name(),
                service,
                endpoints(service, key.port(), key.labels()),
                policies(ofSubset, service.policies(), key.port())));
  }

  private static List<Endpoint> endpoints(Service service, int port, Map<String, String> labels) {
    List<Endpoint> ready = new ArrayList<>();
    for (Endpoint endpoint : service.endpoints()) {
      if (endpoint.ready()
          && endpoint.servicePort() == port
          && (labels.isEmpty() || endpoint.labels().entrySet().containsAll(labels.entrySet()))) {
        ready.add(endpoint);
      }
    }
    return List.copyOf(ready);
  }

  private static List<TrafficPolicy> policies(
      List<TrafficPolicy> ofSubset, List<TrafficPolicy> ofService, int port) {
    List<TrafficPolicy> found = new ArrayList<>();
    for (List<TrafficPolicy> some : List.of(ofSubset, ofService)) {
      some.stream().filter(policy -> policy.ports().contains(port)).forEach(found::add);
      some.stream().filter(policy -> policy.ports().isEmpty()).forEach(found::add);
    }
    return List.copyOf(found);
  }
}
