package dev.weft.policy.document;

import java.time.Duration;
import java.util.Optional;

/** Reads Istio {@code DestinationRule}s: what they say about connections. */
final class DestinationRuleReader {
  private static final int MOST = 10_000_000;

  private DestinationRuleReader() {}

  static Spec read(Fields document) {
    Optional<Fields> found = document.object("spec");
    if (found.isEmpty()) {
      if (!document.has("spec")) {
        document.problem(Code.MISSING_FIELD, "field \"spec\" is missing");
      }
      return new Spec.Nothing();
    }
    Fields fields = found.get();
    String host = fields.requiredText("host");
    if (host.contains("*")) {
      fields.problem(
          Code.NOT_ENFORCED, "host", "is no Service; a rule of many hosts has no effect");
    }
    Optional<Integer> max = Optional.empty();
    Optional<Duration> timeout = Optional.empty();
    Optional<Fields> traffic = fields.object("trafficPolicy");
    if (traffic.isPresent()) {
      Optional<Fields> pool = traffic.get().object("connectionPool");
      if (pool.isPresent()) {
        Optional<Fields> tcp = pool.get().object("tcp");
        if (tcp.isPresent()) {
          max = tcp.get().number("maxConnections", 1, MOST);
          timeout = duration(tcp.get(), "connectTimeout");
          tcp.get().notEnforced("tcpKeepalive", "maxConnectionDuration", "idleTimeout");
          tcp.get().finish();
        }
        pool.get().notEnforced("http");
        pool.get().finish();
      }
      traffic
          .get()
          .notEnforced(
              "loadBalancer",
              "outlierDetection",
              "tls",
              "portLevelSettings",
              "tunnel",
              "proxyProtocol",
              "retryBudget");
      traffic.get().finish();
    }
    fields.notEnforced("subsets", "exportTo", "workloadSelector");
    fields.finish();
    return new Spec.DestinationRuleSpec(host, max, timeout);
  }

  private static Optional<Duration> duration(Fields fields, String name) {
    Optional<String> text = fields.text(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<Duration> parsed = Durations.parse(text.get()).filter(one -> !one.isZero());
    if (parsed.isEmpty()) {
      fields.problem(
          Code.BAD_VALUE,
          name,
          "expected a duration such as 250ms or 2s, found \"" + text.get() + "\"");
    }
    return parsed;
  }
}
