package dev.weft.policy.validate;

import dev.weft.policy.AccessRule;
import dev.weft.policy.Service;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Suggestion;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Hosts that two have, and hosts that nobody has. Stateless. */
final class Hosts {
  private Hosts() {}

  static void check(Scene scene, Validation.Findings findings) {
    Map<String, Service> owners = new HashMap<>();
    Set<String> wildcards = new HashSet<>();
    for (Service service : scene.services().values()) {
      for (String host : service.hosts()) {
        boolean everywhere = host.indexOf('.') > 0;
        Service first = everywhere ? owners.putIfAbsent(host, service) : null;
        if (first != null) {
          twice(scene, host, first, service, findings);
        }
        if (host.startsWith("*")) {
          wildcards.add(host.substring(1));
        }
      }
    }
    Set<String> known = new TreeSet<>(owners.keySet());
    scene.services().values().forEach(service -> known.add(service.name()));
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.AuthorizationPolicySpec spec) {
        for (AccessRule rule : spec.rules()) {
          for (AccessRule.Operation operation : rule.to()) {
            operation.hosts().forEach(host -> known(host, known, wildcards, document, findings));
            operation.notHosts().forEach(host -> known(host, known, wildcards, document, findings));
          }
        }
      }
    }
  }

  private static void twice(
      Scene scene, String host, Service first, Service other, Validation.Findings findings) {
    Document document = null;
    for (Kind kind : Kind.values()) {
      Document named = scene.byTitle().get(kind.text() + " " + other.key());
      if (document == null
          && named != null
          && !(named.spec() instanceof Spec.RouteSpec)
          && Scope.of(named).isEmpty()) {
        document = named;
      }
    }
    if (document != null) {
      findings.add(
          Code.HOST_CLAIMED_TWICE,
          document,
          "\"" + host + "\" is Service " + first.key() + "; calls to it do not come here");
    }
  }

  private static void known(
      String host,
      Set<String> known,
      Set<String> wildcards,
      Document document,
      Validation.Findings findings) {
    if (host.contains("*")
        || known.isEmpty()
        || known.contains(host)
        || wildcards.stream().anyMatch(host::endsWith)) {
      return;
    }
    String suggestion = Suggestion.of(host, nearby(host, known));
    findings.add(
        Code.UNKNOWN_HOST,
        document,
        "no Service is called \"" + host + "\"; no request of the mesh is for it" + suggestion);
  }

  /** Comparing with thousands of names would take long, and hardly anybody mistypes the start. */
  private static List<String> nearby(String host, Set<String> known) {
    return known.stream()
        .filter(name -> !name.isEmpty() && !host.isEmpty() && name.charAt(0) == host.charAt(0))
        .limit(1000)
        .toList();
  }
}
