package dev.weft.policy.document;

import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import dev.weft.policy.TrafficPolicy.OutlierDetection;
import dev.weft.policy.TrafficPolicy.RequestLimits;
import dev.weft.policy.TrafficPolicy.UpstreamTls;
import dev.weft.policy.TrafficPolicy.UpstreamTlsMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the {@code trafficPolicy} of a {@code DestinationRule} or of one of its subsets. */
final class TrafficPolicyReader {
  private static final int MAX_PORT = 65_535;
  private static final int MOST = 10_000_000;
  private static final List<String> TLS_MODES =
      List.of("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL");

  private static final RequestLimits NO_LIMITS =
      new RequestLimits(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  private TrafficPolicyReader() {}

  /**
   * What a policy says.
   *
   * @param policies for single ports first; then for all, if it says anything
   */
  record Read(
      Optional<Integer> maxConnections,
      Optional<Duration> connectTimeout,
      List<TrafficPolicy> policies) {}

  /**
   * Reads the field of its owner.
   *
   * @param rule the name of its origin
   * @param ofService whether it speaks for a whole service, whose connections alone are limited
   */
  static Read read(Fields owner, String rule, boolean ofService) {
    Optional<Fields> found = owner.object("trafficPolicy");
    if (found.isEmpty()) {
      return new Read(Optional.empty(), Optional.empty(), List.of());
    }
    Fields fields = found.get();
    List<TrafficPolicy> policies = new ArrayList<>();
    Set<Integer> ports = new HashSet<>();
    for (Fields item : fields.objects("portLevelSettings")) {
      Optional<Integer> port = item.object("port").flatMap(TrafficPolicyReader::portNumber);
      if (!item.has("port")) {
        item.problem(Code.MISSING_FIELD, "field \"port\" is missing");
      }
      Matters matters = Matters.read(item, false);
      item.finish();
      if (port.isPresent() && !ports.add(port.get())) {
        item.problem(Code.BAD_VALUE, "port", "port " + port.get() + " stands here twice");
      }
      port.ifPresent(number -> policies.add(matters.policy(rule, List.of(number))));
    }
    Matters matters = Matters.read(fields, ofService);
    fields.notEnforced("tunnel", "proxyProtocol", "retryBudget");
    fields.finish();
    if (matters.saysAnything()) {
      policies.add(matters.policy(rule, List.of()));
    }
    return new Read(matters.maxConnections(), matters.connectTimeout(), List.copyOf(policies));
  }

  private static Optional<Integer> portNumber(Fields fields) {
    Optional<Integer> number = fields.number("number", 1, MAX_PORT);
    fields.finish();
    return number;
  }

  private record Matters(
      Optional<Integer> maxConnections,
      Optional<Duration> connectTimeout,
      Optional<LoadBalancing> balancing,
      Optional<RequestLimits> limits,
      Optional<OutlierDetection> outliers,
      Optional<UpstreamTls> tls) {

    static Matters read(Fields fields, boolean ofService) {
      Optional<Integer> max = Optional.empty();
      Optional<Duration> timeout = Optional.empty();
      Optional<RequestLimits> limits = Optional.empty();
      Optional<Fields> pool = fields.object("connectionPool");
      if (pool.isPresent()) {
        Optional<Fields> tcp = pool.get().object("tcp");
        if (tcp.isPresent()) {
          max = tcp.get().number("maxConnections", 1, MOST);
          timeout = IstioFields.duration(tcp.get(), "connectTimeout");
          tcp.get().notEnforced("tcpKeepalive", "maxConnectionDuration", "idleTimeout");
          tcp.get().finish();
          if (!ofService && (max.isPresent() || timeout.isPresent())) {
            pool.get()
                .problem(
                    Code.NOT_ENFORCED,
                    "tcp",
                    "connections are limited for the service as a whole, not for a part of it");
          }
        }
        limits = pool.get().object("http").flatMap(Matters::limits);
        pool.get().finish();
      }
      Optional<UpstreamTls> tls = fields.object("tls").flatMap(Matters::tls);
      if (tls.isPresent() && tls.get().mode() != UpstreamTlsMode.MESH) {
        AgentFeatures.check(AgentFeatures.Feature.UPSTREAM_TLS, fields, "tls");
      }
      return new Matters(
          max,
          timeout,
          fields.object("loadBalancer").flatMap(LoadBalancerReader::read),
          limits,
          fields.object("outlierDetection").map(Matters::outliers),
          tls);
    }

    boolean saysAnything() {
      return balancing.isPresent() || limits.isPresent() || outliers.isPresent() || tls.isPresent();
    }

    TrafficPolicy policy(String rule, List<Integer> ports) {
      return new TrafficPolicy(rule, ports, balancing, limits, outliers, Optional.empty(), tls);
    }

    private static Optional<RequestLimits> limits(Fields fields) {
      RequestLimits limits =
          new RequestLimits(
              fields.number("http1MaxPendingRequests", 0, MOST),
              fields.number("http2MaxRequests", 0, MOST),
              fields.number("maxRetries", 0, MOST),
              fields.number("maxRequestsPerConnection", 0, MOST).filter(most -> most > 0),
              IstioFields.durationOrZero(fields, "idleTimeout"));
      for (String field :
          List.of("http1MaxPendingRequests", "maxRequestsPerConnection", "idleTimeout")) {
        AgentFeatures.check(AgentFeatures.Feature.POOLING, fields, field);
      }
      fields.notEnforced("h2UpgradePolicy", "useClientProtocol", "maxConcurrentStreams");
      fields.finish();
      return limits.equals(NO_LIMITS) ? Optional.empty() : Optional.of(limits);
    }

    private static OutlierDetection outliers(Fields fields) {
      Optional<Integer> older = fields.number("consecutiveErrors", 0, MOST);
      Optional<Integer> gateway =
          fields.number("consecutiveGatewayErrors", 0, MOST).or(() -> older);
      boolean split = fields.flag("splitExternalLocalOriginErrors").orElse(false);
      Optional<Integer> local = fields.number("consecutiveLocalOriginFailures", 0, MOST);
      if (local.isPresent() && !split) {
        fields.problem(
            Code.NOT_ENFORCED,
            "consecutiveLocalOriginFailures",
            "counts only with splitExternalLocalOriginErrors: true");
      }
      OutlierDetection outliers =
          new OutlierDetection(
              fields.number("consecutive5xxErrors", 0, MOST),
              gateway.filter(errors -> errors > 0),
              split ? local.or(() -> Optional.of(5)) : Optional.empty(),
              IstioFields.duration(fields, "interval"),
              IstioFields.duration(fields, "baseEjectionTime"),
              fields.number("maxEjectionPercent", 0, 100),
              fields.number("minHealthPercent", 0, 100));
      fields.finish();
      return outliers;
    }

    private static Optional<UpstreamTls> tls(Fields fields) {
      Optional<String> mode = fields.choice("mode", TLS_MODES);
      List<String> names =
          fields.texts("subjectAltNames").stream().map(Fields.Text::value).toList();
      Optional<String> sni = fields.text("sni").filter(name -> !name.isEmpty());
      boolean files = fields.has("clientCertificate") && fields.has("privateKey");
      boolean mutual = mode.equals(Optional.of("MUTUAL"));
      if (mutual && !files && !fields.has("credentialName")) {
        fields.problem(
            Code.MISSING_FIELD, "MUTUAL needs clientCertificate and privateKey, or credentialName");
      }
      fields.notEnforced(
          "clientCertificate",
          "privateKey",
          "caCertificates",
          "caCrl",
          "credentialName",
          "insecureSkipVerify");
      fields.finish();
      return switch (mode.orElse("DISABLE")) {
        case "SIMPLE" -> Optional.of(new UpstreamTls(UpstreamTlsMode.SIMPLE, sni, names));
        case "MUTUAL" -> Optional.of(new UpstreamTls(UpstreamTlsMode.MUTUAL, sni, names));
        case "ISTIO_MUTUAL" -> Optional.of(new UpstreamTls(UpstreamTlsMode.MESH, sni, names));
        default -> Optional.of(new UpstreamTls(UpstreamTlsMode.DISABLE, sni, names));
      };
    }
  }
}
