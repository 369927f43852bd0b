package dev.weft.policy.validate;

import dev.weft.policy.Service;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Place;
import dev.weft.policy.document.Spec;
import dev.weft.policy.document.Suggestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What was probably meant where a reference is dead. The compiler says that it is dead, at the same
 * place. Confined to one validation.
 */
final class References {
  /** Each guess compares with every name. */
  private static final int MOST_GUESSES = 200;

  private final Scene scene;
  private final Map<String, List<String>> namesByNamespace = new TreeMap<>();
  private final Map<Place, String> hints = new HashMap<>();
  private int guesses;

  private References(Scene scene) {
    this.scene = scene;
    for (Service service : scene.services().values()) {
      namesByNamespace
          .computeIfAbsent(service.namespace(), key -> new ArrayList<>())
          .add(service.name());
    }
  }

  static Map<Place, String> hints(Scene scene) {
    References references = new References(scene);
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.RouteSpec route) {
        route.parts().forEach(part -> references.part(part, document.namespace()));
      } else if (document.spec() instanceof Spec.DestinationRuleSpec rule) {
        references.host(rule.host(), document.namespace(), document.place());
      }
      for (Spec.TargetRef target : Targets.of(document)) {
        references.service(target.namespace(), target.name(), target.place());
        references.port(target.key(), target.sectionName(), target.place());
      }
    }
    return Map.copyOf(references.hints);
  }

  private void part(Spec.RoutePart part, String namespace) {
    for (Spec.Parent parent : part.parents()) {
      if (parent instanceof Spec.ParentRef ref) {
        service(ref.namespace(), ref.name(), ref.place());
        port(ref.key(), ref.sectionName(), ref.place());
      } else if (parent instanceof Spec.HostRef ref) {
        host(ref.host(), namespace, ref.place());
      }
    }
    for (Spec.RuleSpec rule : part.rules()) {
      rule.backends().forEach(backend -> backend(backend, namespace));
      rule.mirrors().forEach(mirror -> backend(mirror.backend(), namespace));
    }
  }

  private void backend(Spec.BackendRef backend, String namespace) {
    if (backend.host().isEmpty()) {
      service(backend.namespace(), backend.name(), backend.place());
    } else {
      host(backend.host(), namespace, backend.place());
    }
  }

  private void service(String namespace, String name, Place place) {
    if (scene.services().containsKey(namespace + "/" + name) || guesses >= MOST_GUESSES) {
      return;
    }
    guesses++;
    String hint = Suggestion.of(name, namesByNamespace.getOrDefault(namespace, List.of()));
    if (hint.isEmpty()) {
      hint = elsewhere(namespace, name);
    }
    if (!hint.isEmpty()) {
      hints.put(place, hint);
    }
  }

  /** The right name in another namespace: in one with nearly this name, or anywhere. */
  private String elsewhere(String namespace, String name) {
    List<String> holders = new ArrayList<>();
    namesByNamespace.forEach(
        (other, names) -> {
          if (names.contains(name)) {
            holders.add(other);
          }
        });
    String near = Suggestion.of(namespace, holders);
    if (!near.isEmpty()) {
      return near.replace("did you mean \"", "did you mean namespace \"");
    }
    return holders.isEmpty() ? "" : "; did you mean \"" + holders.get(0) + "/" + name + "\"?";
  }

  private void host(String host, String namespace, Place place) {
    if (host.contains("*") || guesses >= MOST_GUESSES) {
      return;
    }
    if (!host.contains(".")) {
      service(namespace, host, place);
      return;
    }
    List<String> hosts = new ArrayList<>();
    for (Service service : scene.services().values()) {
      if (service.hosts().contains(host)) {
        return;
      }
      service.hosts().stream().filter(name -> name.contains(".")).forEach(hosts::add);
    }
    guesses++;
    String hint = Suggestion.of(host, hosts);
    if (!hint.isEmpty()) {
      hints.put(place, hint);
    }
  }

  private void port(String key, Optional<String> portName, Place place) {
    Service service = scene.services().get(key);
    if (service == null || portName.isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>();
    service.ports().forEach(port -> names.add(port.name()));
    if (!names.contains(portName.get())) {
      String hint = Suggestion.of(portName.get(), names);
      if (!hint.isEmpty()) {
        hints.put(place, hint);
      }
    }
  }
}
