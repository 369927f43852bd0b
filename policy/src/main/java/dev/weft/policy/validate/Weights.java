package dev.weft.policy.validate;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Document;
import dev.weft.policy.document.Spec;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Weights that cannot be meant. Stateless. */
final class Weights {
  private static final int LEAST_SHARE = 1000;
  private static final int FULL = 100;

  /** Sums further off than this are no percentages. */
  private static final int SLIP = 10;

  private Weights() {}

  static void check(Scene scene, Validation.Findings findings) {
    for (Document document : scene.documents()) {
      if (document.spec() instanceof Spec.RouteSpec route) {
        for (Spec.RoutePart part : route.parts()) {
          part.rules().forEach(rule -> check(rule, findings));
        }
      }
    }
  }

  private static void check(Spec.RuleSpec rule, Validation.Findings findings) {
    List<Spec.BackendRef> backends = rule.backends();
    if (backends.isEmpty()) {
      return;
    }
    long sum = backends.stream().mapToLong(Spec.BackendRef::weight).sum();
    if (sum == 0) {
      findings.add(
          Code.NO_WEIGHT,
          rule.place(),
          "no backend of rule \""
              + rule.name()
              + "\" has a weight above zero; its requests get 500");
      return;
    }
    Map<String, Spec.BackendRef> seen = new HashMap<>();
    for (Spec.BackendRef backend : backends) {
      Spec.BackendRef first = seen.putIfAbsent(identity(backend), backend);
      if (first != null) {
        findings.add(
            Code.REPEATED_BACKEND,
            backend.place(),
            title(backend)
                + " stands in line "
                + first.place().line()
                + " already; its weights add up");
      }
      if (backend.weight() > 0 && (long) backend.weight() * LEAST_SHARE < sum) {
        findings.add(
            Code.TINY_WEIGHT,
            backend.place(),
            String.format(
                Locale.ROOT,
                "weight %d of %d is one request in %,d",
                backend.weight(),
                sum,
                Math.round((double) sum / backend.weight())));
      }
    }
    if (backends.size() > 1 && sum != FULL && Math.abs(sum - FULL) <= SLIP) {
      findings.add(
          Code.ODD_PERCENTAGES,
          rule.place(),
          "the weights of rule \""
              + rule.name()
              + "\" add up to "
              + sum
              + ", not 100; each counts as its share of "
              + sum);
    }
  }

  private static String identity(Spec.BackendRef backend) {
    return backend.key() + "|" + backend.host() + "|" + backend.port() + "|" + backend.subset();
  }

  private static String title(Spec.BackendRef backend) {
    String service = backend.host().isEmpty() ? backend.key() : backend.host();
    return service
        + (backend.port() > 0 ? ":" + backend.port() : "")
        + backend.subset().map(subset -> " subset " + subset).orElse("");
  }
}
