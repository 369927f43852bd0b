package dev.weft.policy.compile;

import dev.weft.policy.AccessCondition;
import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.JwtRule;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Spec.AuthorizationPolicySpec;
import dev.weft.policy.document.Spec.RequestAuthenticationSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Who may call workloads, and with which tokens. Immutable once compiled. */
final class AccessCompiler {
  private final Membership membership;
  private final Identities identities;
  private final Map<Reuse.DocumentKey, Attached<AccessPolicy>> policies = new LinkedHashMap<>();
  private final List<Attached<List<JwtRule>>> authentications = new ArrayList<>();

  /** Those of the above that may concern workloads of a namespace; worked out on demand. */
  private final Map<String, Nearby> nearby = new ConcurrentHashMap<>();

  private AccessCompiler(Membership membership, Identities identities) {
    this.membership = membership;
    this.identities = identities;
  }

  /** Something that concerns some workloads. */
  private record Attached<T>(String namespace, Spec.Attachment attachment, T content) {}

  private record Nearby(
      List<Attached<AccessPolicy>> policies, List<Attached<List<JwtRule>>> authentications) {}

  /**
   * Policies of documents.
   *
   * @param keySets those that were fetched, by address
   * @param before of an earlier compilation with any arguments
   */
  static AccessCompiler compile(
      List<Document> documents,
      Membership membership,
      Identities identities,
      Map<String, String> keySets,
      Optional<AccessCompiler> before) {
    AccessCompiler compiler = new AccessCompiler(membership, identities);
    Map<Reuse.DocumentKey, Attached<AccessPolicy>> known =
        before
            .filter(last -> last.identities.meanTheSame(identities))
            .map(last -> last.policies)
            .orElse(Map.of());
    for (Document document : documents) {
      if (document.spec() instanceof AuthorizationPolicySpec spec) {
        Reuse.DocumentKey key = new Reuse.DocumentKey(document);
        Attached<AccessPolicy> policy = known.get(key);
        compiler.policies.put(key, policy != null ? policy : compiler.policy(document, spec));
      } else if (document.spec() instanceof RequestAuthenticationSpec spec) {
        compiler.authentications.add(
            new Attached<>(
                document.namespace(),
                spec.attachment(),
                spec.rules().stream().map(rule -> jwt(rule, document.title(), keySets)).toList()));
      }
    }
    return compiler;
  }

  private Attached<AccessPolicy> policy(Document document, AuthorizationPolicySpec spec) {
    return new Attached<>(
        document.namespace(),
        spec.attachment(),
        AccessPolicy.of(
            document.title(),
            spec.action(),
            spec.dryRun(),
            spec.rules().stream().map(this::rule).toList()));
  }

  /** The policies that decide about calls to a workload. */
  List<AccessPolicy> policies(Workload workload) {
    List<AccessPolicy> found =
        new ArrayList<>(policies(workload, policy -> policy.action() != AccessPolicy.Action.AUDIT));
    for (Attached<List<JwtRule>> authentication : nearby(workload).authentications()) {
      if (concerns(authentication, workload)) {
        found.add(authenticate(authentication.content().get(0).policy(), workload));
      }
    }
    return List.copyOf(found);
  }

  /** The policies that only watch calls to a workload. */
  List<AccessPolicy> audits(Workload workload) {
    return policies(workload, policy -> policy.action() == AccessPolicy.Action.AUDIT);
  }

  /** Whose tokens a workload accepts. */
  List<JwtRule> jwtRules(Workload workload) {
    return nearby(workload).authentications().stream()
        .filter(authentication -> concerns(authentication, workload))
        .flatMap(authentication -> authentication.content().stream())
        .toList();
  }

  private List<AccessPolicy> policies(Workload workload, Predicate<AccessPolicy> which) {
    return nearby(workload).policies().stream()
        .filter(attached -> which.test(attached.content()) && concerns(attached, workload))
        .map(Attached::content)
        .toList();
  }

  private Nearby nearby(Workload workload) {
    return nearby.computeIfAbsent(
        workload.namespace(),
        namespace ->
            new Nearby(near(namespace, policies.values()), near(namespace, authentications)));
  }

  private static <T> List<Attached<T>> near(String namespace, Collection<Attached<T>> all) {
    return all.stream()
        .filter(
            attached ->
                attached.namespace().equals(namespace)
                    || MeshCompiler.ROOT_NAMESPACES.contains(attached.namespace()))
        .toList();
  }

  private boolean concerns(Attached<?> attached, Workload workload) {
    return membership.concerns(attached.namespace(), attached.attachment(), workload);
  }

  /** Tokens are judged wherever no Service says that there are no requests. */
  private AccessPolicy authenticate(String title, Workload workload) {
    List<Integer> without = List.copyOf(membership.portsWithoutRequests(workload));
    AccessRule everything = new AccessRule(List.of(), List.of());
    AccessRule elsewhere =
        new AccessRule(
            List.of(),
            List.of(
                new AccessRule.Operation(
                    List.of(), without, List.of(), List.of(), List.of(), List.of(), List.of(),
                    List.of())));
    return AccessPolicy.of(
        title,
        AccessPolicy.Action.AUTHENTICATE,
        false,
        List.of(without.isEmpty() ? everything : elsewhere));
  }

  private static JwtRule jwt(Spec.JwtSource source, String title, Map<String, String> keySets) {
    JwtRule rule = source.rule();
    return new JwtRule(
        title,
        rule.issuer(),
        rule.audiences(),
        rule.jwks().isEmpty() ? keySets.getOrDefault(source.jwksUri(), "") : rule.jwks(),
        rule.fromHeaders(),
        rule.fromParams(),
        rule.fromCookies(),
        rule.forwardOriginalToken(),
        rule.outputPayloadToHeader(),
        rule.outputClaimToHeaders(),
        rule.spaceDelimitedClaims());
  }

  private AccessRule rule(AccessRule rule) {
    List<AccessRule.Source> from = new ArrayList<>();
    for (AccessRule.Source source : rule.from()) {
      from.add(
          new AccessRule.Source(
              identities.principals(source.principals()),
              identities.principals(source.notPrincipals()),
              source.namespaces(),
              source.notNamespaces(),
              conditions(source.conditions())));
    }
    return new AccessRule(List.copyOf(from), rule.to(), conditions(rule.when()));
  }

  private List<AccessCondition> conditions(List<AccessCondition> conditions) {
    return conditions.stream().map(this::condition).toList();
  }

  private AccessCondition condition(AccessCondition condition) {
    return switch (condition.attribute()) {
      case SOURCE_PRINCIPAL ->
          new AccessCondition(
              condition.attribute(),
              identities.principals(condition.values()),
              identities.principals(condition.notValues()));
      case SOURCE_TRUST_DOMAIN ->
          new AccessCondition(
              condition.attribute(),
              identities.trustDomains(condition.values()),
              identities.trustDomains(condition.notValues()));
      default -> condition;
    };
  }
}
