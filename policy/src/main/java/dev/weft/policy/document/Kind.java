package dev.weft.policy.document;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The kinds that are read. */
public enum Kind {
  SERVICE("Service", true, "v1"),
  NAMESPACE("Namespace", false, "v1"),
  SERVICE_ACCOUNT("ServiceAccount", true, "v1"),
  ENDPOINT_SLICE("EndpointSlice", true, "discovery.k8s.io/v1"),
  HTTP_ROUTE("HTTPRoute", true, "gateway.networking.k8s.io/v1 gateway.networking.k8s.io/v1beta1"),
  GRPC_ROUTE("GRPCRoute", true, "gateway.networking.k8s.io/v1"),
  TLS_ROUTE(
      "TLSRoute",
      true,
      "gateway.networking.k8s.io/v1 gateway.networking.k8s.io/v1alpha3"
          + " gateway.networking.k8s.io/v1alpha2"),
  TCP_ROUTE("TCPRoute", true, "gateway.networking.k8s.io/v1 gateway.networking.k8s.io/v1alpha2"),
  REFERENCE_GRANT(
      "ReferenceGrant", true, "gateway.networking.k8s.io/v1 gateway.networking.k8s.io/v1beta1"),
  BACKEND_TRAFFIC_POLICY("XBackendTrafficPolicy", true, "gateway.networking.x-k8s.io/v1alpha1"),
  PEER_AUTHENTICATION("PeerAuthentication", true, "security.istio.io/v1 security.istio.io/v1beta1"),
  AUTHORIZATION_POLICY(
      "AuthorizationPolicy", true, "security.istio.io/v1 security.istio.io/v1beta1"),
  REQUEST_AUTHENTICATION(
      "RequestAuthentication", true, "security.istio.io/v1 security.istio.io/v1beta1"),
  DESTINATION_RULE("DestinationRule", true, Istio.NETWORKING),
  VIRTUAL_SERVICE("VirtualService", true, Istio.NETWORKING),
  SERVICE_ENTRY("ServiceEntry", true, Istio.NETWORKING),
  WORKLOAD_ENTRY("WorkloadEntry", true, Istio.NETWORKING),
  SIDECAR("Sidecar", true, Istio.NETWORKING),
  ENVOY_FILTER("EnvoyFilter", true, Istio.NETWORKING),
  PROXY_CONFIG("ProxyConfig", true, Istio.NETWORKING),
  WORKLOAD_GROUP("WorkloadGroup", true, Istio.NETWORKING),
  WASM_PLUGIN(
      "WasmPlugin",
      true,
      "extensions.istio.io/v1 extensions.istio.io/v1beta1 extensions.istio.io/v1alpha1"),
  GATEWAY(
      "Gateway",
      true,
      Istio.NETWORKING + " gateway.networking.k8s.io/v1 gateway.networking.k8s.io/v1beta1"),
  GATEWAY_CLASS(
      "GatewayClass", false, "gateway.networking.k8s.io/v1 gateway.networking.k8s.io/v1beta1"),
  TELEMETRY("Telemetry", true, "telemetry.istio.io/v1 telemetry.istio.io/v1alpha1"),
  FAULT_POLICY("FaultPolicy", true, "weft.dev/v1alpha1"),
  RESILIENCE_POLICY("ResiliencePolicy", true, "weft.dev/v1alpha1"),
  TELEMETRY_POLICY("TelemetryPolicy", true, "weft.dev/v1alpha1"),
  RATE_LIMIT_POLICY("RateLimitPolicy", true, "weft.dev/v1alpha1"),
  WORKLOAD_IDENTITY("WorkloadIdentity", true, "weft.dev/v1alpha1"),
  MESH_CONFIG("MeshConfig", false, "weft.dev/v1alpha1");

  /** The versions that several kinds share. */
  private static final class Istio {
    static final String NETWORKING =
        "networking.istio.io/v1 networking.istio.io/v1beta1 networking.istio.io/v1alpha3";
  }

  private final String text;
  private final boolean namespaced;
  private final String apiVersions;

  Kind(String text, boolean namespaced, String apiVersions) {
    this.text = text;
    this.namespaced = namespaced;
    this.apiVersions = apiVersions;
  }

  static Optional<Kind> parse(String text) {
    return Arrays.stream(values()).filter(kind -> kind.text.equals(text)).findFirst();
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(Kind::text).toList();
  }

  /** As it stands in a document's {@code kind}. */
  public String text() {
    return text;
  }

  /** Whether its documents live in a namespace. */
  public boolean namespaced() {
    return namespaced;
  }

  /** The values of {@code apiVersion} under which it is read. */
  public List<String> apiVersions() {
    return List.of(apiVersions.split(" ", -1));
  }
}
