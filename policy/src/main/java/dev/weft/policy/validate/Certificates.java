package dev.weft.policy.validate;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.SpiffeId;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.UpstreamTls;
import dev.weft.policy.TrafficPolicy.UpstreamTlsMode;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Names;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Names that documents expect in certificates, and that nobody's certificate can have; revocations
 * of nobody.
 */
final class Certificates {
  private static final String SCHEME = "spiffe://";

  private final Scene scene;
  private final Validation.Findings findings;

  private Certificates(Scene scene, Validation.Findings findings) {
    this.scene = scene;
    this.findings = findings;
  }

  static void check(Scene scene, Validation.Findings findings) {
    Certificates certificates = new Certificates(scene, findings);
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.DestinationRuleSpec rule) {
        certificates.rule(document, rule);
      } else if (document.spec() instanceof Spec.ServiceEntrySpec entry) {
        certificates.names(document, entry.subjectAltNames(), Behind.entry(entry, document, scene));
      } else if (document.spec() instanceof Spec.MeshConfigSpec config) {
        config.revoked().forEach(identity -> certificates.revoked(document, identity));
      }
    }
  }

  /**
   * Who is behind a host.
   *
   * @param title of it, for messages
   * @param identities SPIFFE IDs
   * @param exact whether nobody else can be there
   */
  private record Behind(String title, String namespace, Set<String> identities, boolean exact) {

    /** Endpoints that a document lists with their accounts are all that there can be. */
    static Optional<Behind> entry(Spec.ServiceEntrySpec entry, Document document, Scene scene) {
      Set<String> identities = new TreeSet<>();
      for (Spec.StaticEndpoint endpoint : entry.endpoints()) {
        if (!endpoint.serviceAccount().isEmpty()) {
          identities.add(
              new SpiffeId(
                      scene.facts().trustDomain(), document.namespace(), endpoint.serviceAccount())
                  .toString());
        }
      }
      return identities.isEmpty()
          ? Optional.empty()
          : Optional.of(new Behind(document.title(), document.namespace(), identities, true));
    }

    static Behind service(Service service, boolean live) {
      Set<String> identities = new TreeSet<>();
      for (Endpoint endpoint : service.endpoints()) {
        if (endpoint.mesh()) {
          identities.add(endpoint.spiffeId());
        }
      }
      return new Behind(
          "Service " + service.key(),
          service.namespace(),
          identities,
          live && !identities.isEmpty());
    }
  }

  // ---- what connections are to find ----

  private void rule(Document document, Spec.DestinationRuleSpec rule) {
    List<TrafficPolicy> policies = new ArrayList<>(rule.policies());
    rule.subsets().forEach(subset -> policies.addAll(subset.policies()));
    Set<UpstreamTls> expectations = new LinkedHashSet<>();
    policies.forEach(policy -> policy.tls().ifPresent(expectations::add));
    for (UpstreamTls expected : expectations) {
      expected.sni().ifPresent(sni -> sni(document, sni));
      if (expected.mode() == UpstreamTlsMode.MESH && !expected.subjectAltNames().isEmpty()) {
        Optional<Behind> behind = behind(document.namespace(), rule.host());
        names(document, expected.subjectAltNames(), behind);
        behind.ifPresent(who -> leftOut(document, expected.subjectAltNames(), who));
      }
    }
  }

  private Optional<Behind> behind(String namespace, String host) {
    for (Service service : scene.services().values()) {
      boolean here = host.indexOf('.') > 0 || service.namespace().equals(namespace);
      if (here && service.hosts().contains(host) && service.external().isEmpty()) {
        return Optional.of(
            listed(service, host).orElseGet(() -> Behind.service(service, scene.facts().live())));
      }
    }
    return Optional.empty();
  }

  private Optional<Behind> listed(Service service, String host) {
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.ServiceEntrySpec entry
          && document.namespace().equals(service.namespace())
          && entry.hosts().contains(host)) {
        return Behind.entry(entry, document, scene);
      }
    }
    return Optional.empty();
  }

  private void names(Document document, List<String> names, Optional<Behind> behind) {
    if (behind.isPresent()) {
      for (String name : names) {
        String why = impossible(name, behind.get());
        if (!why.isEmpty()) {
          findings.add(Code.NAME_OF_NOBODY, document, "subjectAltName \"" + name + "\" " + why);
        }
      }
    }
  }

  /** Why no workload there can have a certificate with this name; empty: one may. */
  private String impossible(String name, Behind behind) {
    SpiffeId id;
    try {
      id = SpiffeId.parse(name);
    } catch (IllegalArgumentException e) {
      return "is in no certificate of the mesh: they carry "
          + SCHEME
          + scene.facts().trustDomain()
          + "/ns/NAMESPACE/sa/ACCOUNT, and no other name";
    }
    SpiffeId own = own(id);
    if (behind.identities().contains(own.toString())) {
      return "";
    }
    if (!own.trustDomain().equals(scene.facts().trustDomain())) {
      return "is of another trust domain than the mesh's, "
          + scene.facts().trustDomain()
          + meant(new SpiffeId(scene.facts().trustDomain(), id.namespace(), id.serviceAccount()));
    }
    if (!own.namespace().equals(behind.namespace())) {
      SpiffeId there = new SpiffeId(id.trustDomain(), behind.namespace(), id.serviceAccount());
      return "is of namespace "
          + id.namespace()
          + ", and the workloads of "
          + behind.title()
          + " are of namespace "
          + behind.namespace()
          + (behind.identities().contains(own(there).toString()) ? meant(there) : "");
    }
    String account = nearly(own, behind);
    boolean declared = scene.declaring().contains(own.namespace());
    boolean known = scene.accounts().contains(own.namespace() + "/" + own.serviceAccount());
    if (!behind.exact() && (known || (account.isEmpty() && !declared))) {
      return ""; // who runs there is known when it runs
    }
    return "is nobody behind "
        + behind.title()
        + (account.isEmpty()
            ? behind.exact() ? "; there " + are(behind.identities()) : ""
            : meant(new SpiffeId(id.trustDomain(), id.namespace(), account)));
  }

  /** Only what is behind the host can be meant, or, where that is not known, what is around it. */
  private String nearly(SpiffeId own, Behind behind) {
    Set<String> accounts = new TreeSet<>();
    behind.identities().forEach(id -> accounts.add(SpiffeId.parse(id).serviceAccount()));
    if (!behind.exact()) {
      accounts.addAll(scene.accounts(own.namespace()));
    }
    return Near.oneOff(own.serviceAccount(), accounts);
  }

  /**
   * Agents ask for the identity that the registry knows, also where the document expects others.
   */
  private void leftOut(Document document, List<String> names, Behind behind) {
    if (!scene.facts().live()) {
      return;
    }
    Set<String> expected = new TreeSet<>();
    for (String name : names) {
      try {
        expected.add(own(SpiffeId.parse(name)).toString());
      } catch (IllegalArgumentException e) {
        expected.add(name); // has been said
      }
    }
    for (String identity : behind.identities()) {
      if (!expected.contains(identity)) {
        findings.add(
            Code.NAME_LEFT_OUT,
            document,
            behind.title()
                + " has workloads with identity "
                + identity
                + ", which is none of the subjectAltNames; clients connect to them all the same");
      }
    }
  }

  private void sni(Document document, String sni) {
    String name = sni.endsWith(".") ? sni.substring(0, sni.length() - 1) : sni;
    // Case means nothing, and people do call hosts so.
    if (!Names.isHost(name.toLowerCase(Locale.ROOT).replace('_', 'x'))) {
      findings.add(
          Code.UNUSABLE_SNI,
          document,
          "sni \""
              + sni
              + "\" is no name that a client can ask for; expected one DNS name, such as"
              + " api.example.com");
    }
  }

  // ---- whose certificates are not to count ----

  private void revoked(Document document, String identity) {
    SpiffeId id = own(SpiffeId.parse(SCHEME + identity));
    Set<String> accounts = scene.accounts(id.namespace());
    if (!id.trustDomain().equals(scene.facts().trustDomain())) {
      findings.add(
          Code.REVOKES_NOBODY,
          document,
          "\""
              + identity
              + "\" is of another trust domain than the mesh's, "
              + scene.facts().trustDomain()
              + "; nobody of it is let in anyway");
      return;
    }
    String account =
        accounts.contains(id.serviceAccount()) ? "" : Near.oneOff(id.serviceAccount(), accounts);
    if (!account.isEmpty()) {
      findings.add(
          Code.REVOKES_NOBODY,
          document,
          "nobody is known as \""
              + identity
              + "\""
              + "; did you mean \""
              + new SpiffeId(id.trustDomain(), id.namespace(), account).principal()
              + "\"?");
    }
  }

  /** Istio's documents are written for {@code cluster.local}, whatever the domain is called. */
  private SpiffeId own(SpiffeId id) {
    return id.trustDomain().equals(Scene.OWN_DOMAIN)
        ? new SpiffeId(scene.facts().trustDomain(), id.namespace(), id.serviceAccount())
        : id;
  }

  private static String meant(SpiffeId id) {
    return "; did you mean \"" + id + "\"?";
  }

  private static String are(Set<String> identities) {
    return identities.size() == 1
        ? "is " + identities.iterator().next()
        : "are " + String.join(", ", identities);
  }
}
