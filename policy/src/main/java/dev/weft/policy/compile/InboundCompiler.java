package dev.weft.policy.compile;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.ConnectionLimit;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Spec.AuthorizationPolicySpec;
import dev.weft.policy.document.Spec.PeerAuthenticationSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What workloads accept: modes of mutual TLS and access policies. Immutable once compiled. */
final class InboundCompiler {
  private static final String OWN_TRUST_DOMAIN = "cluster.local";

  private final Inbound.Mtls meshDefault;
  private final List<Authentication> authentications = new ArrayList<>();
  private final List<Authorization> authorizations = new ArrayList<>();

  private InboundCompiler(Inbound.Mtls meshDefault) {
    this.meshDefault = meshDefault;
  }

  private record Authentication(
      String namespace, String title, boolean meshWide, PeerAuthenticationSpec spec) {

    boolean isFor(Workload workload) {
      return !meshWide && namespace.equals(workload.namespace());
    }

    Map<String, String> selector() {
      return spec.selector();
    }

    Optional<Inbound.Mtls> mode() {
      return spec.mode().map(mode -> new Inbound.Mtls(mode, title));
    }

    Map<Integer, Inbound.Mtls> portModes() {
      Map<Integer, Inbound.Mtls> modes = new TreeMap<>();
      spec.portModes().forEach((port, mode) -> modes.put(port, new Inbound.Mtls(mode, title)));
      return Map.copyOf(modes);
    }
  }

  private record Authorization(
      String namespace, boolean meshWide, Map<String, String> selector, AccessPolicy policy) {}

  static InboundCompiler compile(
      List<Document> documents,
      Inbound.Mtls meshDefault,
      String trustDomain,
      List<Diagnostic> diagnostics) {
    InboundCompiler compiler = new InboundCompiler(meshDefault);
    Map<String, String> scopes = new HashMap<>();
    for (Document document : documents) {
      boolean root = MeshCompiler.ROOT_NAMESPACES.contains(document.namespace());
      if (document.spec() instanceof PeerAuthenticationSpec spec) {
        boolean meshWide = root && spec.selector().isEmpty();
        String scope =
            meshWide ? "the mesh" : "namespace " + document.namespace() + selected(spec.selector());
        String first = scopes.putIfAbsent(scope, document.title());
        if (first == null) {
          compiler.authentications.add(
              new Authentication(document.namespace(), document.title(), meshWide, spec));
        } else {
          diagnostics.add(
              Code.CONFLICT.at(
                  document.place(),
                  first + " speaks for " + scope + " already; this one is ignored"));
        }
      } else if (document.spec() instanceof AuthorizationPolicySpec spec) {
        compiler.authorizations.add(
            new Authorization(
                document.namespace(),
                root,
                spec.selector(),
                policy(document.title(), spec, trustDomain)));
      }
    }
    return compiler;
  }

  /** Whether the mesh stays out of connections to this port of the workload. */
  boolean disabled(Workload workload, int port) {
    return selected(workload)
            .map(Authentication::portModes)
            .map(modes -> modes.get(port))
            .orElseGet(() -> mtls(workload))
            .mode()
        == MtlsMode.DISABLE;
  }

  private Optional<Authentication> selected(Workload workload) {
    return first(
        a -> a.isFor(workload) && !a.selector().isEmpty() && workload.matches(a.selector()));
  }

  /** The mode of every port that no document names. */
  private Inbound.Mtls mtls(Workload workload) {
    Optional<Authentication> namespace = first(a -> a.isFor(workload) && a.selector().isEmpty());
    Optional<Authentication> mesh = first(Authentication::meshWide);
    return Stream.of(selected(workload), namespace, mesh)
        .flatMap(scope -> scope.flatMap(Authentication::mode).stream())
        .findFirst()
        .orElse(meshDefault);
  }

  /** What one workload accepts, within these limits. */
  Inbound inbound(Workload workload, List<ConnectionLimit> limits) {
    return new Inbound(
        workload.id(),
        workload.service(),
        workload.namespace(),
        workload.spiffeId(),
        workload.effectiveLabels(),
        mtls(workload),
        selected(workload).map(Authentication::portModes).orElse(Map.of()),
        policies(workload),
        limits);
  }

  private Optional<Authentication> first(Predicate<Authentication> scope) {
    return authentications.stream().filter(scope).findFirst();
  }

  private List<AccessPolicy> policies(Workload workload) {
    List<AccessPolicy> policies = new ArrayList<>();
    for (Authorization authorization : authorizations) {
      if ((authorization.meshWide() || authorization.namespace().equals(workload.namespace()))
          && workload.matches(authorization.selector())) {
        policies.add(authorization.policy());
      }
    }
    return List.copyOf(policies);
  }

  private static String selected(Map<String, String> selector) {
    return selector.isEmpty() ? "" : " " + new TreeMap<>(selector);
  }

  private static AccessPolicy policy(
      String title, Spec.AuthorizationPolicySpec spec, String trustDomain) {
    List<AccessRule> rules = new ArrayList<>();
    for (AccessRule rule : spec.rules()) {
      List<AccessRule.Source> from = new ArrayList<>();
      for (AccessRule.Source source : rule.from()) {
        from.add(
            new AccessRule.Source(
                principals(source.principals(), trustDomain),
                principals(source.notPrincipals(), trustDomain),
                source.namespaces(),
                source.notNamespaces()));
      }
      rules.add(new AccessRule(List.copyOf(from), rule.to()));
    }
    return new AccessPolicy(title, spec.action(), spec.dryRun(), List.copyOf(rules));
  }

  /**
   * Istio's policies are written for {@code cluster.local}, whatever the trust domain is called.
   */
  static List<String> principals(List<String> principals, String trustDomain) {
    List<String> own = new ArrayList<>();
    for (String principal : principals) {
      boolean alias =
          principal.startsWith(OWN_TRUST_DOMAIN + "/") || principal.equals(OWN_TRUST_DOMAIN + "*");
      own.add(alias ? trustDomain + principal.substring(OWN_TRUST_DOMAIN.length()) : principal);
    }
    return List.copyOf(own);
  }
}
