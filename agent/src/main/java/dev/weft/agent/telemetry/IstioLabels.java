package dev.weft.agent.telemetry;

import dev.weft.policy.Peer;
import dev.weft.policy.Service;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Labels of {@code istio_requests_total} and {@code istio_tcp_*}, so that Kiali and Istio's
 * dashboards read our metrics. Immutable.
 *
 * @param service full name of the service that was called
 * @param security {@code mutual_tls}, {@code none}, or {@code unknown} where the reporter is the
 *     source, which in Istio never claims to know
 * @see <a href="https://istio.io/latest/docs/reference/config/metrics/">Istio standard metrics</a>
 */
record IstioLabels(
    String reporter,
    Party source,
    Party destination,
    String service,
    String serviceName,
    String serviceNamespace,
    String flags,
    String security) {
  private static final AttributeKey<String> REPORTER = AttributeKey.stringKey("reporter");
  private static final AttributeKey<String> PROTOCOL = AttributeKey.stringKey("request_protocol");
  private static final AttributeKey<String> CODE = AttributeKey.stringKey("response_code");
  private static final AttributeKey<String> FLAGS = AttributeKey.stringKey("response_flags");
  private static final AttributeKey<String> SECURITY =
      AttributeKey.stringKey("connection_security_policy");
  private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("destination_service");
  private static final AttributeKey<String> SERVICE_NAME =
      AttributeKey.stringKey("destination_service_name");
  private static final AttributeKey<String> SERVICE_NAMESPACE =
      AttributeKey.stringKey("destination_service_namespace");
  private static final End SOURCE = End.named("source");
  private static final End DESTINATION = End.named("destination");

  /**
   * As the called workload reports it.
   *
   * @param service its name; may be empty
   */
  static IstioLabels received(Party self, String service, Peer peer, String flags) {
    String name = service.isEmpty() ? Party.UNKNOWN : service;
    return new IstioLabels(
        "destination",
        Party.of(peer),
        self,
        name + "." + self.namespace() + ".svc.cluster.local",
        name,
        self.namespace(),
        flags,
        peer.spiffeId().isPresent() ? "mutual_tls" : "none");
  }

  /**
   * As the caller reports it.
   *
   * @param called null: no service that is known
   * @param otherwise what is said in place of a name that is not known
   */
  static IstioLabels sent(
      Party self, Party destination, @Nullable Service called, String otherwise, String flags) {
    return new IstioLabels(
        "source",
        self,
        destination,
        called == null || called.hosts().isEmpty()
            ? otherwise
            : called.hosts().get(called.hosts().size() - 1),
        called == null ? otherwise : called.name(),
        called == null ? Party.UNKNOWN : called.namespace(),
        flags,
        "unknown");
  }

  /** The labels of one connection that carries no requests we know of. */
  Attributes ofConnection() {
    return common().put(PROTOCOL, "tcp").build();
  }

  /**
   * The labels of requests.
   *
   * @param status 0: there was no answer
   */
  Attributes ofRequests(int status) {
    return common().put(PROTOCOL, "http").put(CODE, Integer.toString(status)).build();
  }

  private AttributesBuilder common() {
    AttributesBuilder labels = Attributes.builder();
    labels.put(REPORTER, reporter);
    SOURCE.put(labels, source);
    DESTINATION.put(labels, destination);
    labels.put(SERVICE, service);
    labels.put(SERVICE_NAME, serviceName);
    labels.put(SERVICE_NAMESPACE, serviceNamespace);
    labels.put(FLAGS, flags);
    labels.put(SECURITY, security);
    return labels;
  }

  /** Keys of the labels that exist for both ends. */
  private record End(
      AttributeKey<String> workload,
      AttributeKey<String> namespace,
      AttributeKey<String> principal,
      AttributeKey<String> app,
      AttributeKey<String> version) {

    static End named(String end) {
      return new End(
          AttributeKey.stringKey(end + "_workload"),
          AttributeKey.stringKey(end + "_workload_namespace"),
          AttributeKey.stringKey(end + "_principal"),
          AttributeKey.stringKey(end + "_app"),
          AttributeKey.stringKey(end + "_version"));
    }

    void put(AttributesBuilder labels, Party party) {
      labels.put(workload, party.workload());
      labels.put(namespace, party.namespace());
      labels.put(principal, party.principal());
      labels.put(app, party.app());
      labels.put(version, party.version());
    }
  }
}
