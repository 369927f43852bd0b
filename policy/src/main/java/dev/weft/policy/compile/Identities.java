package dev.weft.policy.compile;

import dev.weft.policy.TextPatterns;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the principals of policies mean: {@code cluster.local} is the mesh's own trust domain,
 * whatever that is called, and {@code WorkloadIdentity}s give further names. Immutable once
 * compiled.
 */
final class Identities {
  private static final String OWN_TRUST_DOMAIN = "cluster.local";

  private final String trustDomain;
  private final List<Alias> aliases = new ArrayList<>();

  private Identities(String trustDomain) {
    this.trustDomain = trustDomain;
  }

  /**
   * Another name.
   *
   * @param written a principal, or where {@code whole} is not set, how principals begin
   * @param meant what stands for it
   */
  private record Alias(String written, String meant, boolean whole) {}

  /** Whether principals mean the same as by others. */
  boolean meanTheSame(Identities others) {
    return trustDomain.equals(others.trustDomain) && aliases.equals(others.aliases);
  }

  static Identities compile(List<Document> documents, String trustDomain) {
    Identities identities = new Identities(trustDomain);
    for (Document document : documents) {
      if (document.spec() instanceof Spec.WorkloadIdentitySpec spec) {
        identities.add(document.namespace(), spec);
      }
    }
    return identities;
  }

  private void add(String namespace, Spec.WorkloadIdentitySpec spec) {
    boolean whole = !spec.serviceAccount().isEmpty();
    String scope =
        whole
            ? "/ns/" + namespace + "/sa/" + spec.serviceAccount()
            : MeshCompiler.ROOT_NAMESPACES.contains(namespace) ? "/" : "/ns/" + namespace + "/";
    for (String other : spec.trustDomains()) {
      aliases.add(new Alias(other + scope, trustDomain + scope, whole));
    }
    for (String other : spec.principals()) {
      aliases.add(new Alias(own(other), trustDomain + scope, whole));
    }
  }

  /** Principals as agents compare them: every name of an identity with the identity's own. */
  List<String> principals(List<String> written) {
    Set<String> meant = new LinkedHashSet<>();
    for (String principal : written) {
      String own = own(principal);
      meant.add(own);
      for (Alias alias : aliases) {
        if (alias.whole()) {
          if (TextPatterns.of(List.of(own)).match(alias.written())) {
            meant.add(alias.meant());
          }
        } else if (own.startsWith(alias.written())) {
          meant.add(alias.meant() + own.substring(alias.written().length()));
        } else if (own.endsWith("*")
            && !own.startsWith("*")
            && alias.written().startsWith(own.substring(0, own.length() - 1))) {
          meant.add(alias.meant() + "*");
        }
      }
    }
    return List.copyOf(meant);
  }

  /** Trust domains as agents compare them. */
  List<String> trustDomains(List<String> written) {
    Set<String> meant = new LinkedHashSet<>();
    for (String domain : written) {
      meant.add(domain.equals(OWN_TRUST_DOMAIN) ? trustDomain : domain);
      for (Alias alias : aliases) {
        if (alias.written().equals(domain + "/")) {
          meant.add(trustDomain);
        }
      }
    }
    return List.copyOf(meant);
  }

  /** The mesh's own. */
  String trustDomain() {
    return trustDomain;
  }

  /** Whether this is the mesh's own trust domain, or an identity has a name in it. */
  boolean knowsTrustDomain(String domain) {
    return domain.equals(trustDomain)
        || domain.equals(OWN_TRUST_DOMAIN)
        || aliases.stream().anyMatch(alias -> alias.written().startsWith(domain + "/"));
  }

  /** Istio's policies are written for {@code cluster.local}, whatever the domain is called. */
  private String own(String principal) {
    return own(principal, trustDomain);
  }

  static String own(String principal, String trustDomain) {
    boolean alias =
        principal.startsWith(OWN_TRUST_DOMAIN + "/") || principal.equals(OWN_TRUST_DOMAIN + "*");
    return alias ? trustDomain + principal.substring(OWN_TRUST_DOMAIN.length()) : principal;
  }
}
