package dev.weft.policy.validate;

import dev.weft.policy.AccessRule;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Security policies speak of the port that the workload listens on, and people write the Service's.
 * Stateless.
 */
final class PolicyPorts {
  private PolicyPorts() {}

  static void check(Scene scene, Validation.Findings findings) {
    // By workload: from the Service's port to the workload's.
    Map<String, Map<Integer, Integer>> translations = new HashMap<>();
    for (Service service : scene.services().values()) {
      for (Endpoint endpoint : service.endpoints()) {
        translations
            .computeIfAbsent(endpoint.workload(), key -> new TreeMap<>())
            .put(endpoint.servicePort(), endpoint.port());
      }
    }
    for (Document document : scene.documents()) {
      Set<Integer> ports = ports(document);
      Optional<Scope> scope = Scope.of(document);
      if (ports.isEmpty() || scope.isEmpty()) {
        continue;
      }
      List<Facts.Member> selected =
          scene.selected(document.namespace(), scope.get().meshWide(), scope.get().selector());
      for (int port : ports) {
        boolean listened = selected.stream().anyMatch(member -> member.listening().contains(port));
        for (Facts.Member member : selected) {
          Integer meant =
              translations.getOrDefault(member.inbound().workload(), Map.of()).get(port);
          if (!listened && meant != null && meant != port) {
            findings.add(
                Code.SERVICE_PORT_IN_POLICY,
                document,
                "no workload listens on port "
                    + port
                    + ": that is the Service's port, and the workload's is "
                    + meant);
            break;
          }
        }
      }
    }
  }

  private static Set<Integer> ports(Document document) {
    Set<Integer> ports = new TreeSet<>();
    if (document.spec() instanceof Spec.PeerAuthenticationSpec spec) {
      ports.addAll(spec.portModes().keySet());
    } else if (document.spec() instanceof Spec.AuthorizationPolicySpec spec) {
      for (AccessRule rule : spec.rules()) {
        for (AccessRule.Operation operation : rule.to()) {
          ports.addAll(operation.ports());
          ports.addAll(operation.notPorts());
        }
      }
    }
    return ports;
  }
}
