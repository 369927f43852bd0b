package dev.weft.policy.compile;

import dev.weft.policy.ConnectionPool;
import dev.weft.policy.Subset;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How clients treat services, by all kinds of documents that say so. Immutable once compiled.
 *
 * <p>A service has any number of policies; of those that say something about a matter the first
 * counts. Each kind adds its own here, in the order in which they count.
 */
final class TrafficPolicyCompiler {
  private static final TrafficPolicy.LoadBalancing BY_SOURCE =
      new TrafficPolicy.LoadBalancing(
          TrafficPolicy.Algorithm.RING_HASH,
          Optional.of(
              new TrafficPolicy.HashKey(
                  TrafficPolicy.HashSource.SOURCE, "", Optional.empty(), Optional.empty())),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private final ServiceIndex services;
  private final List<Diagnostic> diagnostics;
  private final DestinationRules rules;
  private final Map<String, List<Attached>> byService = new HashMap<>();
  private final Map<String, TrafficPolicy> ofServices = new HashMap<>();

  private TrafficPolicyCompiler(
      ServiceIndex services, DestinationRules rules, List<Diagnostic> diagnostics) {
    this.services = services;
    this.rules = rules;
    this.diagnostics = diagnostics;
  }

  /**
   * A policy of a service.
   *
   * @param clients the namespace whose clients it is for; empty: all
   */
  private record Attached(Optional<String> clients, TrafficPolicy policy) {}

  static TrafficPolicyCompiler compile(
      List<Document> documents, ServiceIndex services, List<Diagnostic> diagnostics) {
    DestinationRules rules = DestinationRules.compile(documents, services, diagnostics);
    TrafficPolicyCompiler compiler = new TrafficPolicyCompiler(services, rules, diagnostics);
    for (Document document : documents) {
      if (document.spec() instanceof Spec.BackendTrafficPolicySpec spec) {
        compiler.backendTrafficPolicy(document, spec);
      } else if (document.spec() instanceof Spec.ServiceSpec spec
          && spec.has(Spec.ServiceTrait.CLIENT_IP)) {
        compiler.affinity(document);
      }
    }
    return compiler;
  }

  /** How clients of a namespace connect to a service. */
  Optional<ConnectionPool> pool(CompiledService service, String clientNamespace) {
    return rules.pool(service, clientNamespace);
  }

  /** The parts of a service that clients of a namespace can name. */
  List<Subset> subsets(CompiledService service, String clientNamespace) {
    return rules.subsets(service, clientNamespace);
  }

  /** The names that anybody gave to parts of services, by the services' keys. */
  Map<String, Set<String>> subsetNames() {
    return rules.subsetNames();
  }

  /** The policies of a service for clients of a namespace; the ones with ports first. */
  List<TrafficPolicy> policies(CompiledService service, String clientNamespace) {
    List<TrafficPolicy> found = new ArrayList<>();
    for (Attached attached : byService.getOrDefault(service.key(), List.of())) {
      if (attached.clients().isEmpty() || attached.clients().get().equals(clientNamespace)) {
        found.add(attached.policy());
      }
    }
    found.addAll(rules.policies(service, clientNamespace));
    // Every policy goes before what a Service itself says.
    Optional.ofNullable(ofServices.get(service.key())).ifPresent(found::add);
    List<TrafficPolicy> sorted =
        new ArrayList<>(found.stream().filter(policy -> !policy.ports().isEmpty()).toList());
    found.stream().filter(policy -> policy.ports().isEmpty()).forEach(sorted::add);
    return List.copyOf(sorted);
  }

  private void backendTrafficPolicy(Document document, Spec.BackendTrafficPolicySpec spec) {
    for (Spec.TargetRef target : spec.targets()) {
      Optional<CompiledService> service = services.key(target.key());
      if (service.isEmpty()) {
        diagnostics.add(
            Code.UNKNOWN_TARGET.at(
                target.place(),
                "there is no Service " + target.key() + "; the policy has no effect there"));
        continue;
      }
      TrafficPolicy policy =
          new TrafficPolicy(
              document.title(),
              List.of(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              spec.retryBudget(),
              Optional.empty(),
              spec.session());
      if (policy.retryBudget().isPresent() || policy.session().isPresent()) {
        warnOfAnother(target, policy);
        attach(target.key(), Optional.empty(), policy);
      }
    }
  }

  private void warnOfAnother(Spec.TargetRef target, TrafficPolicy policy) {
    for (Attached other : byService.getOrDefault(target.key(), List.of())) {
      boolean budget = policy.retryBudget().isPresent() && other.policy().retryBudget().isPresent();
      boolean session = policy.session().isPresent() && other.policy().session().isPresent();
      if (budget || session) {
        diagnostics.add(
            Code.CONFLICT.at(
                target.place(),
                other.policy().rule()
                    + " says the same of Service "
                    + target.key()
                    + " and comes first; it is in force"));
        return;
      }
    }
  }

  private void affinity(Document document) {
    ofServices.put(
        document.key(),
        new TrafficPolicy(
            document.title(),
            List.of(),
            Optional.of(BY_SOURCE),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  private void attach(String service, Optional<String> clients, TrafficPolicy policy) {
    byService.computeIfAbsent(service, key -> new ArrayList<>()).add(new Attached(clients, policy));
  }
}
