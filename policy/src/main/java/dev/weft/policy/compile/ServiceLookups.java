package dev.weft.policy.compile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks about services for one document, and remembers question and answer. Confined to one
 * compilation.
 */
final class ServiceLookups {
  private final ServiceIndex services;
  private final Map<String, Set<String>> subsets;
  private final Map<Question, List<CompiledService>> asked = new LinkedHashMap<>();
  private final Map<String, Set<String>> askedSubsets = new LinkedHashMap<>();

  ServiceLookups(ServiceIndex services, Map<String, Set<String>> subsets) {
    this.services = services;
    this.subsets = subsets;
  }

  /** What is asked about; {@code namespace} is empty but for hosts. */
  private record Question(How how, String name, String namespace) {
    List<CompiledService> ask(ServiceIndex services) {
      return switch (how) {
        case KEY -> services.key(name).map(List::of).orElse(List.of());
        case HOST -> services.host(name, namespace).map(List::of).orElse(List.of());
        case HOSTS -> services.matching(name, namespace);
        case DECLARED_BY -> services.declaredBy(name);
      };
    }
  }

  private enum How {
    KEY,
    HOST,
    HOSTS,
    DECLARED_BY
  }

  /** A question and its answer. */
  record Lookup(Question question, List<CompiledService> answer) {

    /** Whether the answer is still the same, as far as routes look at services. */
    boolean holds(ServiceIndex services) {
      List<CompiledService> now = question.ask(services);
      if (now.size() != answer.size()) {
        return false;
      }
      for (int i = 0; i < now.size(); i++) {
        if (!now.get(i).sameShape(answer.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  /** As {@link ServiceIndex#key}. */
  Optional<CompiledService> key(String key) {
    return ask(new Question(How.KEY, key, "")).stream().findFirst();
  }

  /** As {@link ServiceIndex#host}. */
  Optional<CompiledService> host(String host, String namespace) {
    return ask(new Question(How.HOST, host, namespace)).stream().findFirst();
  }

  /** As {@link ServiceIndex#matching}. */
  List<CompiledService> matching(String host, String namespace) {
    return ask(new Question(How.HOSTS, host, namespace));
  }

  /** As {@link ServiceIndex#declaredBy}. */
  List<CompiledService> declaredBy(String title) {
    return ask(new Question(How.DECLARED_BY, title, ""));
  }

  /** The names that DestinationRules give to parts of a service. */
  Set<String> subsetNames(String serviceKey) {
    return askedSubsets.computeIfAbsent(serviceKey, key -> subsets.getOrDefault(key, Set.of()));
  }

  private List<CompiledService> ask(Question question) {
    return asked.computeIfAbsent(question, key -> key.ask(services));
  }

  /** Every service whose subsets were asked for, and what they were. */
  Map<String, Set<String>> subsetLookups() {
    return Map.copyOf(askedSubsets);
  }

  /** Everything else that was asked. */
  List<Lookup> lookups() {
    List<Lookup> lookups = new ArrayList<>();
    asked.forEach((question, answer) -> lookups.add(new Lookup(question, answer)));
    return List.copyOf(lookups);
  }
}
