package dev.weft.policy.document;

import dev.weft.policy.HeaderEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads references of Gateway API's routes to the places to which requests go. */
final class BackendRefs {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_WEIGHT = 1_000_000;
  private static final int MOST = 16;

  private BackendRefs() {}

  /** Reads the {@code backendRefs} of a rule; those of connections have no filters. */
  static List<Spec.BackendRef> read(Fields rule, Optional<RouteFilters.Scope> scope, String own) {
    List<Spec.BackendRef> backends = new ArrayList<>();
    for (Fields fields : rule.objects("backendRefs")) {
      RouteFilters filters =
          scope
              .map(ofRule -> RouteFilters.read(fields, ofRule.ofBackend()))
              .orElse(RouteFilters.NONE);
      int weight = fields.number("weight", 0, MAX_WEIGHT).orElse(1);
      backends.add(one(fields, weight, filters, own));
    }
    Portability.limit(rule, "backendRefs", MOST);
    return List.copyOf(backends);
  }

  /** Reads a {@code requestMirror}. */
  static Spec.MirrorRef mirror(Fields fields, String ownNamespace) {
    Optional<Fields> ref = fields.object("backendRef");
    if (ref.isEmpty() && !fields.has("backendRef")) {
      fields.problem(Code.MISSING_FIELD, "field \"backendRef\" is missing");
    }
    Spec.BackendRef backend =
        ref.map(inner -> one(inner, 1, RouteFilters.NONE, ownNamespace))
            .orElse(dead(fields.place()));
    Optional<Integer> percent = fields.number("percent", 0, 100);
    int numerator = percent.orElse(1);
    int denominator = percent.isPresent() ? 100 : 1;
    Optional<Fields> fraction = fields.object("fraction");
    if (fraction.isPresent()) {
      if (percent.isPresent()) {
        fields.problem(Code.DOES_NOT_FIT, "percent and fraction exclude each other");
      }
      Fields parts = fraction.get();
      if (!parts.has("numerator")) {
        parts.problem(Code.MISSING_FIELD, "field \"numerator\" is missing");
      }
      numerator = parts.number("numerator", 0, Integer.MAX_VALUE).orElse(0);
      denominator = parts.number("denominator", 1, Integer.MAX_VALUE).orElse(100);
      parts.finish();
      if (numerator > denominator) {
        parts.problem(Code.DOES_NOT_FIT, "numerator", "is more than denominator " + denominator);
      }
    }
    fields.finish();
    return new Spec.MirrorRef(backend, numerator, denominator);
  }

  private static Spec.BackendRef one(
      Fields fields, int weight, RouteFilters filters, String ownNamespace) {
    String kind = fields.text("kind").orElse("Service");
    String group = fields.text("group").orElse("");
    String name = fields.requiredName("name");
    Optional<String> namespace = fields.text("namespace");
    Optional<Integer> port = fields.number("port", 1, MAX_PORT);
    String invalid = filters.invalid();
    boolean service = kind.equals("Service") && (group.isEmpty() || group.equals("core"));
    // Istio's way to name a host of a ServiceEntry.
    boolean hostname = kind.equals("Hostname") && group.equals("networking.istio.io");
    if (!service && !hostname) {
      invalid = "backends of kind " + kind + " are not supported";
      fields.problem(Code.UNKNOWN_BACKEND, invalid + "; its requests get 500");
    } else if (port.isEmpty() && !fields.has("port")) {
      fields.problem(Code.MISSING_FIELD, "field \"port\" is missing");
    }
    fields.finish();
    return new Spec.BackendRef(
        hostname ? "" : namespace.orElse(ownNamespace),
        hostname ? "" : name,
        hostname ? name.toLowerCase(Locale.ROOT) : "",
        port.orElse(0),
        weight,
        Optional.empty(),
        filters.requestHeaders(),
        filters.responseHeaders(),
        invalid,
        fields.place(),
        filters.actions(),
        filters.mirrors());
  }

  private static Spec.BackendRef dead(Place place) {
    List<HeaderEdit> none = List.of();
    return new Spec.BackendRef(
        "", "", "", 0, 1, Optional.empty(), none, none, "names nothing", place);
  }
}
