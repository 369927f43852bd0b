package dev.weft.policy.compile;

import dev.weft.policy.ConnectionPool;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Subset;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code DestinationRule}s say to whom about which service. Immutable once compiled.
 *
 * <p>As in Istio: rules of the client's namespace count, else those of the service's, else those of
 * the mesh's root; of these the ones whose host names the service most closely. Where several are
 * left, their subsets are joined, and the oldest that speaks about the service as a whole counts.
 */
final class DestinationRules {
  private final Map<String, List<Rule>> byService = new HashMap<>();

  private DestinationRules() {}

  private record Rule(String namespace, String title, Place place, Spec.DestinationRuleSpec spec) {

    boolean exportedTo(String clientNamespace) {
      return namespace.equals(clientNamespace)
          || spec.exportTo().isEmpty()
          || spec.exportTo().contains(clientNamespace);
    }

    /** Names without a star before those with one, longer before shorter. */
    int distance() {
      return spec.host().startsWith("*") ? 1000 - spec.host().length() : 0;
    }

    boolean speaksOfTheWhole() {
      return !spec.policies().isEmpty()
          || spec.maxConnections().isPresent()
          || spec.connectTimeout().isPresent();
    }
  }

  static DestinationRules compile(
      List<Document> documents, ServiceIndex services, List<Diagnostic> diagnostics) {
    DestinationRules rules = new DestinationRules();
    for (Document document : documents) {
      if (document.spec() instanceof Spec.DestinationRuleSpec spec) {
        rules.add(document, spec, services, diagnostics);
      }
    }
    rules.byService.values().forEach(some -> some.sort(Comparator.comparing(Rule::distance)));
    return rules;
  }

  private void add(
      Document document,
      Spec.DestinationRuleSpec spec,
      ServiceIndex services,
      List<Diagnostic> diagnostics) {
    List<CompiledService> found = services.matching(spec.host(), document.namespace());
    if (found.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_TARGET.at(
              document.place(),
              "there is no Service \"" + spec.host() + "\" in this mesh; the rule has no effect"));
    }
    Rule rule = new Rule(document.namespace(), document.title(), spec.place(), spec);
    for (CompiledService service : found) {
      List<Rule> others = byService.computeIfAbsent(service.key(), key -> new ArrayList<>());
      for (Rule other : others) {
        if (other.namespace().equals(rule.namespace()) && other.distance() == rule.distance()) {
          warnAbout(rule, other, diagnostics);
        }
      }
      others.add(rule);
      warnAboutPorts(rule, service, diagnostics);
    }
  }

  private static void warnAbout(Rule rule, Rule older, List<Diagnostic> diagnostics) {
    Set<String> twice = new TreeSet<>(names(rule.spec().subsets()));
    twice.retainAll(names(older.spec().subsets()));
    if (rule.speaksOfTheWhole() && older.speaksOfTheWhole()) {
      diagnostics.add(
          Code.CONFLICT.at(
              rule.place(), older.title() + " has a trafficPolicy for this host, which counts"));
    }
    if (!twice.isEmpty()) {
      diagnostics.add(
          Code.CONFLICT.at(
              rule.place(),
              older.title() + " defines subset " + String.join(", ", twice) + ", which counts"));
    }
  }

  private static void warnAboutPorts(
      Rule rule, CompiledService service, List<Diagnostic> diagnostics) {
    Set<Integer> missing = new TreeSet<>(ported(rule.spec().policies()));
    rule.spec().subsets().forEach(subset -> missing.addAll(ported(subset.policies())));
    service.ports().forEach(port -> missing.remove(port.port()));
    if (!missing.isEmpty()) {
      diagnostics.add(
          Code.UNKNOWN_PORT.at(
              rule.place(),
              "Service "
                  + service.key()
                  + " has no port "
                  + String.join(", ", missing.stream().map(String::valueOf).toList())
                  + "; it has "
                  + service.portList()));
    }
  }

  /** How clients of a namespace connect to a service. */
  Optional<ConnectionPool> pool(CompiledService service, String clientNamespace) {
    return ofTheWhole(service, clientNamespace)
        .filter(
            rule ->
                rule.spec().maxConnections().isPresent()
                    || rule.spec().connectTimeout().isPresent())
        .map(
            rule ->
                new ConnectionPool(
                    rule.title(), rule.spec().maxConnections(), rule.spec().connectTimeout()));
  }

  /** How clients of a namespace treat a service. */
  List<TrafficPolicy> policies(CompiledService service, String clientNamespace) {
    return ofTheWhole(service, clientNamespace)
        .map(rule -> portByPort(rule.spec().policies(), service))
        .orElse(List.of());
  }

  /** The parts of a service that clients of a namespace can name, in order of names. */
  List<Subset> subsets(CompiledService service, String clientNamespace) {
    Map<String, Subset> subsets = new LinkedHashMap<>();
    for (Rule rule : inForce(service, clientNamespace)) {
      for (Subset subset : rule.spec().subsets()) {
        subsets.putIfAbsent(
            subset.name(),
            new Subset(subset.name(), subset.labels(), portByPort(subset.policies(), service)));
      }
    }
    return subsets.values().stream().sorted(Comparator.comparing(Subset::name)).toList();
  }

  /** The names that anybody gave to parts of services, by the services' keys. */
  Map<String, Set<String>> subsetNames() {
    Map<String, Set<String>> all = new HashMap<>();
    byService.forEach(
        (key, rules) -> {
          Set<String> names = new TreeSet<>();
          rules.forEach(rule -> names.addAll(names(rule.spec().subsets())));
          all.put(key, names);
        });
    return all;
  }

  private Optional<Rule> ofTheWhole(CompiledService service, String clientNamespace) {
    return inForce(service, clientNamespace).stream().filter(Rule::speaksOfTheWhole).findFirst();
  }

  private List<Rule> inForce(CompiledService service, String clientNamespace) {
    List<Rule> all = byService.getOrDefault(service.key(), List.of());
    List<String> order = new ArrayList<>(List.of(clientNamespace, service.namespace()));
    order.addAll(MeshCompiler.ROOT_NAMESPACES);
    for (String namespace : order) {
      List<Rule> found =
          all.stream()
              .filter(rule -> rule.namespace().equals(namespace))
              .filter(rule -> rule.exportedTo(clientNamespace))
              .toList();
      if (!found.isEmpty()) {
        int closest = found.get(0).distance();
        return found.stream().filter(rule -> rule.distance() == closest).toList();
      }
    }
    return List.of();
  }

  /** In Istio the settings of a port stand alone: what they leave out has its default. */
  private static List<TrafficPolicy> portByPort(
      List<TrafficPolicy> policies, CompiledService service) {
    Set<Integer> ported = ported(policies);
    if (ported.isEmpty()) {
      return policies;
    }
    List<Integer> others =
        service.ports().stream()
            .map(ServicePort::port)
            .filter(port -> !ported.contains(port))
            .toList();
    List<TrafficPolicy> found = new ArrayList<>();
    for (TrafficPolicy policy : policies) {
      if (!policy.ports().isEmpty()) {
        found.add(policy);
      } else if (!others.isEmpty()) {
        found.add(policy.on(others));
      }
    }
    return List.copyOf(found);
  }

  private static Set<Integer> ported(List<TrafficPolicy> policies) {
    Set<Integer> ports = new TreeSet<>();
    policies.forEach(policy -> ports.addAll(policy.ports()));
    return ports;
  }

  private static List<String> names(List<Subset> subsets) {
    return subsets.stream().map(Subset::name).toList();
  }
}
