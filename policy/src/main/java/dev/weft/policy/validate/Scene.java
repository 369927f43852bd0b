package dev.weft.policy.validate;

import dev.weft.policy.Service;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Kind;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The facts, arranged for checks. Immutable once made.
 *
 * @param byTitle documents by {@link Document#title}
 * @param membersByNamespace the members of each namespace
 * @param services every service as clients of its own namespace see it, by key
 * @param populated namespaces in which a Service or a member is known
 * @param accounts identities that are known, as {@code namespace/account}
 * @param declaring namespaces whose accounts are all known, because they are declared
 */
record Scene(
    Facts facts,
    Map<String, Document> byTitle,
    Map<String, List<Facts.Member>> membersByNamespace,
    Map<String, Service> services,
    Set<String> populated,
    Set<String> accounts,
    Set<String> declaring) {

  /** Istio's documents are written for this trust domain, whatever the mesh's is called. */
  static final String OWN_DOMAIN = "cluster.local";

  /** Whose documents without selector speak for the whole mesh. */
  private static final Set<String> ROOT_NAMESPACES = Set.of("weft-system", "istio-system");

  static Scene of(Facts facts) {
    Map<String, Document> byTitle = new HashMap<>();
    Map<String, List<Facts.Member>> members = new HashMap<>();
    Map<String, Service> services = new LinkedHashMap<>();
    Set<String> accounts = new TreeSet<>();
    Set<String> populated = new TreeSet<>();
    Set<String> declaring = new HashSet<>();
    for (Document document : facts.documents()) {
      byTitle.put(document.title(), document);
      if (document.spec() instanceof Spec.ServiceSpec) {
        populated.add(document.namespace());
      } else if (document.kind() == Kind.SERVICE_ACCOUNT) {
        accounts.add(document.key());
        declaring.add(document.namespace());
      }
    }
    for (Facts.Member member : facts.members()) {
      String namespace = member.inbound().namespace();
      populated.add(namespace);
      members.computeIfAbsent(namespace, key -> new ArrayList<>()).add(member);
      account(member.inbound().spiffeId(), accounts);
    }
    for (Service service : facts.services()) {
      populated.add(service.namespace());
      services.put(service.key(), service);
      accounts.add(service.key()); // the default account is called like the service
    }
    return new Scene(
        facts, byTitle, members, new TreeMap<>(services), populated, accounts, declaring);
  }

  private static void account(String spiffeId, Set<String> accounts) {
    int namespace = spiffeId.indexOf("/ns/");
    int account = spiffeId.indexOf("/sa/", Math.max(namespace, 0));
    if (namespace > 0 && account > 0) {
      accounts.add(
          spiffeId.substring(namespace + 4, account) + "/" + spiffeId.substring(account + 4));
    }
  }

  /** The accounts that are known in a namespace. */
  Set<String> accounts(String namespace) {
    Set<String> there = new TreeSet<>();
    String prefix = namespace + "/";
    for (String account : accounts) {
      if (account.startsWith(prefix)) {
        there.add(account.substring(prefix.length()));
      }
    }
    return there;
  }

  List<Document> documents() {
    return facts.documents();
  }

  List<Facts.Member> members(String namespace) {
    return membersByNamespace.getOrDefault(namespace, List.of());
  }

  static boolean isRoot(String namespace) {
    return ROOT_NAMESPACES.contains(namespace);
  }

  /** The members of a namespace, or of all where {@code meshWide}, that carry these labels. */
  List<Facts.Member> selected(String namespace, boolean meshWide, Map<String, String> selector) {
    List<Facts.Member> found = new ArrayList<>();
    for (Facts.Member member : meshWide ? facts.members() : members(namespace)) {
      if (member.inbound().labels().entrySet().containsAll(selector.entrySet())) {
        found.add(member);
      }
    }
    return found;
  }
}
