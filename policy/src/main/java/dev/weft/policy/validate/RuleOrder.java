package dev.weft.policy.validate;

import dev.weft.policy.Route;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteRule;
import dev.weft.policy.Service;
import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rules that no request ever reaches, and routes that others replace. Looks at the lists that the
 * compiler made, in which precedence has been applied; so it need not know it. A rule is reported
 * when it is out of reach for every client of every service it is bound to. Confined to one
 * validation.
 */
final class RuleOrder {
  private final Scene scene;
  private final Map<RuleKey, Fate> fates = new LinkedHashMap<>();

  private RuleOrder(Scene scene) {
    this.scene = scene;
  }

  private record RuleKey(String title, Route.Layer layer, String rule) {
    @Override
    public String toString() {
      return title + " rule " + rule;
    }
  }

  /** What is known of a rule so far: matches that some request reaches, and what takes the rest. */
  private static final class Fate {
    private final Set<RouteMatch> reached = new HashSet<>();
    private final Map<RouteMatch, RuleKey> taken = new LinkedHashMap<>();
  }

  static void check(Scene scene, Validation.Findings findings) {
    RuleOrder order = new RuleOrder(scene);
    scene.services().values().forEach(service -> service.routes().forEach(order::walk));
    order.consumerNamespaces().forEach(namespace -> order.look(namespace, findings));
    order.report(findings);
  }

  /** Namespaces with routes to services of others: what their clients see is their own affair. */
  private Set<String> consumerNamespaces() {
    Set<String> namespaces = new TreeSet<>();
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.RouteSpec route
          && route.parts().stream()
              .flatMap(part -> part.parents().stream())
              .anyMatch(parent -> isElsewhere(parent, document.namespace()))) {
        namespaces.add(document.namespace());
      }
    }
    return namespaces;
  }

  private static boolean isElsewhere(Spec.Parent parent, String namespace) {
    if (parent instanceof Spec.ParentRef ref) {
      return !ref.namespace().equals(namespace);
    }
    return !(parent instanceof Spec.HostRef host)
        || host.host().contains(".")
        || host.host().contains("*");
  }

  private void look(String namespace, Validation.Findings findings) {
    for (Service service : scene.facts().seen().apply(namespace)) {
      if (!service.namespace().equals(namespace) && !service.routes().isEmpty()) {
        List<Route> producers =
            scene.services().containsKey(service.key())
                ? scene.services().get(service.key()).routes()
                : List.of();
        for (Route route : service.routes()) {
          if (!producers.contains(route)) {
            walk(route);
            replaced(route, service, producers, namespace, findings);
          }
        }
      }
    }
  }

  private void replaced(
      Route route,
      Service service,
      List<Route> producers,
      String namespace,
      Validation.Findings findings) {
    for (String title : titles(route)) {
      Document document = scene.byTitle().get(title);
      for (Route producer : producers) {
        if (document != null
            && document.namespace().equals(namespace)
            && sharePorts(route, producer)
            && !titles(producer).contains(title)) {
          findings.add(
              Code.REPLACED_ROUTE,
              document,
              "clients of namespace "
                  + namespace
                  + " follow this route to "
                  + service.key()
                  + ", and not "
                  + producer.name());
        }
      }
    }
  }

  private static boolean sharePorts(Route one, Route other) {
    return one.ports().isEmpty()
        || other.ports().isEmpty()
        || one.ports().stream().anyMatch(other.ports()::contains);
  }

  private static Set<String> titles(Route route) {
    Set<String> titles = new LinkedHashSet<>();
    for (RouteRule rule : route.rules()) {
      titles.add(rule.route().orElse(route.name()));
    }
    return titles;
  }

  private void walk(Route route) {
    Earlier<RuleKey> earlier = new Earlier<>();
    for (RouteRule rule : route.rules()) {
      RuleKey key =
          new RuleKey(
              rule.route().orElse(route.name()),
              route.layer().orElse(Route.Layer.HTTP),
              rule.name());
      Fate fate = fates.computeIfAbsent(key, missing -> new Fate());
      List<RouteMatch> matches =
          rule.matches().isEmpty() ? List.of(RouteMatch.ANY) : rule.matches();
      for (RouteMatch match : matches) {
        RuleKey first = earlier.takes(match);
        if (first == null) {
          fate.reached.add(match);
          earlier.add(match, key);
        } else {
          fate.taken.putIfAbsent(match, first);
        }
      }
    }
  }

  private void report(Validation.Findings findings) {
    fates.forEach(
        (key, fate) -> {
          Document document = scene.byTitle().get(key.title());
          if (document == null) {
            return;
          }
          Spec.RuleSpec rule = rule(document, key);
          if (rule == null) {
            return;
          }
          Set<RuleKey> takers = new LinkedHashSet<>(fate.taken.values());
          takers.remove(key);
          if (fate.reached.isEmpty() && !takers.isEmpty()) {
            findings.add(
                Code.SHADOWED_RULE,
                rule.place(),
                "rule \""
                    + key.rule()
                    + "\" is never reached: "
                    + list(takers, document)
                    + (takers.size() == 1 ? " takes" : " take")
                    + " every request of it");
          } else {
            matches(key, fate, rule, document, findings);
          }
        });
  }

  private static void matches(
      RuleKey key, Fate fate, Spec.RuleSpec rule, Document document, Validation.Findings findings) {
    for (Spec.MatchSpec match : rule.matches()) {
      RuleKey taker = fate.taken.get(match.match());
      if (taker != null && !fate.reached.contains(match.match())) {
        String who =
            taker.equals(key) ? "another match of this rule" : list(Set.of(taker), document);
        findings.add(
            Code.SHADOWED_MATCH,
            match.place(),
            "this match adds nothing: " + who + " takes every request of it");
      }
    }
  }

  private static String list(Set<RuleKey> rules, Document own) {
    List<String> texts = new ArrayList<>();
    for (RuleKey rule : rules) {
      texts.add(
          rule.title().equals(own.title()) ? "rule \"" + rule.rule() + "\"" : rule.toString());
    }
    return String.join(", ", texts);
  }

  private static Spec.@Nullable RuleSpec rule(Document document, RuleKey key) {
    if (document.spec() instanceof Spec.RouteSpec spec) {
      for (Spec.RoutePart part : spec.parts()) {
        for (Spec.RuleSpec rule : part.rules()) {
          if (part.layer() == key.layer() && rule.name().equals(key.rule())) {
            return rule;
          }
        }
      }
    }
    return null;
  }
}
