package dev.weft.policy.compile;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteRule;
import dev.weft.policy.WeightedBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Backends without a port (Istio): where their service has several, the one that was called.
 * Stateless.
 */
final class CalledPort {
  /** Of a backend whose port is not known before somebody calls. */
  static final int AS_CALLED = 0;

  private CalledPort() {}

  /** The rule for calls to one port. */
  static RouteRule of(RouteRule rule, int called, Map<String, Set<Integer>> open) {
    boolean any =
        rule.backends().stream().anyMatch(CalledPort::isOpen)
            || rule.actions().stream()
                .flatMap(actions -> actions.mirrors().stream())
                .anyMatch(mirror -> isOpen(mirror.backend()));
    if (!any) {
      return rule;
    }
    return new RouteRule(
        rule.name(),
        rule.matches(),
        rule.requestHeaders(),
        rule.responseHeaders(),
        rule.backends().stream().map(backend -> resolved(backend, called, open)).toList(),
        rule.requestTimeout(),
        rule.backendTimeout(),
        rule.route(),
        rule.actions().map(actions -> resolved(actions, called, open)));
  }

  private static RouteActions resolved(
      RouteActions actions, int called, Map<String, Set<Integer>> open) {
    List<RouteActions.Mirror> mirrors = new ArrayList<>();
    for (RouteActions.Mirror mirror : actions.mirrors()) {
      WeightedBackend backend = resolved(mirror.backend(), called, open);
      if (backend.invalid().isEmpty()) {
        mirrors.add(new RouteActions.Mirror(backend, mirror.numerator(), mirror.denominator()));
      }
    }
    return new RouteActions(
        actions.retry(),
        actions.rewrite(),
        List.copyOf(mirrors),
        actions.fault(),
        actions.redirect(),
        actions.answer(),
        actions.cors(),
        actions.session());
  }

  private static WeightedBackend resolved(
      WeightedBackend backend, int called, Map<String, Set<Integer>> open) {
    if (!isOpen(backend)) {
      return backend;
    }
    boolean has = open.getOrDefault(backend.service(), Set.of()).contains(called);
    return new WeightedBackend(
        backend.service(),
        called,
        backend.weight(),
        backend.subset(),
        has ? "" : missing(backend.service(), called),
        backend.requestHeaders(),
        backend.responseHeaders(),
        backend.subsetName());
  }

  static String missing(String service, int called) {
    return "Service "
        + service
        + " has several ports, none of them "
        + called
        + "; one must be named";
  }

  static boolean isOpen(WeightedBackend backend) {
    return backend.port() == AS_CALLED && backend.invalid().isEmpty();
  }
}
