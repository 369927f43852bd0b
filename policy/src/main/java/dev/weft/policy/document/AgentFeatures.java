package dev.weft.policy.document;

import java.util.Map;

/**
 * What agents of this version do not carry out yet of what documents may say, in one place: to
 * write a feature is to delete its line here, and the warning is gone. Stateless.
 */
final class AgentFeatures {
  /** How agents miss a feature. */
  private static final Map<Feature, Code> MISSING =
      Map.ofEntries(
          Map.entry(Feature.POOLING, Code.LEFT_OUT),
          Map.entry(Feature.UPSTREAM_TLS, Code.LEFT_OUT),
          Map.entry(Feature.REQUEST_RATES, Code.LEFT_OUT),
          Map.entry(Feature.PROBES, Code.NOT_ENFORCED),
          Map.entry(Feature.ALIASES, Code.NOT_ENFORCED),
          Map.entry(Feature.PROPAGATION, Code.NOT_ENFORCED),
          Map.entry(Feature.ATTRIBUTES, Code.NOT_ENFORCED));

  private AgentFeatures() {}

  /** What documents may ask of agents. */
  enum Feature {
    POOLING("limits of the application's own pool of connections"),
    UPSTREAM_TLS("TLS in the application's place"),
    REQUEST_RATES("limits on the requests of a server"),
    PROBES("probes"),
    ALIASES("aliases of the trust domain"),
    PROPAGATION("a choice of trace headers"),
    ATTRIBUTES("attributes of spans");

    private final String text;

    Feature(String text) {
      this.text = text;
    }
  }

  /** Warns where a field is there and asks for what agents do not do. */
  static void check(Feature feature, Fields fields, String field) {
    Code code = fields.has(field) ? MISSING.get(feature) : null;
    if (code == Code.NOT_ENFORCED) {
      fields.problem(
          code, field, "agents do not carry out " + feature.text + " yet; it has no effect");
    } else if (code != null) {
      fields.problem(
          code,
          field,
          "agents do not carry out " + feature.text + " yet; requests are sent without");
    }
  }
}
