package dev.weft.policy.document;

import java.util.Map;
import java.util.Optional;

/** Reads Istio's workload selectors. */
final class Selectors {
  private Selectors() {}

  /**
   * The labels of {@code selector.matchLabels}; empty when every workload is meant, and when
   * anything about the selector is wrong: then nobody knows whom it means.
   */
  static Map<String, String> read(Fields spec) {
    int before = spec.refusals();
    Optional<Fields> selector = spec.object("selector");
    if (selector.isEmpty()) {
      return Map.of();
    }
    selector.get().refuseEmptyFields();
    Map<String, String> labels = selector.get().textMap("matchLabels");
    labels.forEach(
        (key, value) -> {
          if (key.contains("*") || value.contains("*")) {
            selector
                .get()
                .problem(
                    Code.BAD_VALUE,
                    "matchLabels",
                    "labels are compared exactly; \"*\" has no meaning in \""
                        + key
                        + ": "
                        + value
                        + "\"");
          }
        });
    selector.get().finish();
    return spec.refusals() == before ? Map.copyOf(labels) : Map.of();
  }
}
