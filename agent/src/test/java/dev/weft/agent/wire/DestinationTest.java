package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.control.MeshView;
import dev.weft.bootstrap.MeshHandshakeException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DestinationTest {
  private static final String SHOP_SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        selector: {app: shop}
        ports: [{name: http, port: 80, targetPort: 8080}]
      """;

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(address, port);
  }

  private static InetSocketAddress virtual(MeshView view, String host, int port) {
    return at(view.host(host).virtualAddress(), port);
  }

  @Test
  void aServiceLeadsToAllItsReadyEndpoints() throws Exception {
    MeshView view =
        Policies.view(
            SHOP_SERVICE,
            Policies.workload("shop", "10.0.0.8", 8080),
            Policies.workload("shop", "10.0.0.9", 8080));

    Destination found = Destination.of(view, virtual(view, "shop", 80));

    assertThat(found.service().name()).isEqualTo("shop");
    assertThat(found.endpoints()).extracting("address").containsExactly("10.0.0.8", "10.0.0.9");
    Target target = found.target(found.endpoints().get(0));
    assertThat(target.address()).isEqualTo(at("10.0.0.8", 8080));
    assertThat(target.expected()).hasToString(Policies.SHOP_ID);
  }

  @Test
  void aServiceWithoutReadyEndpointIsRefused() {
    MeshView view = Policies.view(SHOP_SERVICE);

    assertThatThrownBy(() -> Destination.of(view, virtual(view, "shop", 80)))
        .isInstanceOf(MeshHandshakeException.class)
        .hasMessageContaining("no ready endpoint for port 80 of service default/shop");
  }

  @Test
  void aPortThatNoServiceNamesIsDialledWithTheListenersIdentity() throws Exception {
    MeshView view = Policies.view(SHOP_SERVICE, Policies.workload("shop", "10.0.0.8", 8080, 9999));

    Destination found = Destination.of(view, at("10.0.0.8", 9999));

    assertThat(found.service()).isNull();
    assertThat(found.target().mesh()).isTrue();
    assertThat(found.target().expected()).hasToString(Policies.SHOP_ID);
  }

  @Test
  void aPortWhereNoWorkloadListensIsNobodysBusiness() throws Exception {
    MeshView view = Policies.view(SHOP_SERVICE, Policies.workload("shop", "10.0.0.8", 8080));

    assertThat(Destination.of(view, at("10.0.0.8", 5432))).isNull();
    assertThat(Destination.of(view, at("10.0.0.99", 8080))).isNull();
  }

  @Test
  void aPortWithModeDisableIsDialledInPlaintext() throws Exception {
    MeshView view =
        Policies.view(
            SHOP_SERVICE
                + """
                ---
                apiVersion: security.istio.io/v1
                kind: PeerAuthentication
                metadata: {name: shop}
                spec:
                  selector: {matchLabels: {app: shop}}
                  portLevelMtls: {8080: {mode: DISABLE}, 9999: {mode: DISABLE}}
                """,
            Policies.workload("shop", "10.0.0.8", 8080, 9999));

    Destination service = Destination.of(view, at("10.0.0.8", 8080));
    assertThat(service.target(service.endpoints().get(0)).mesh()).isFalse();
    assertThat(Destination.of(view, at("10.0.0.8", 9999))).isNull();
  }

  @Test
  void whereTwoIdentitiesListenNobodyConnects() {
    MeshView view =
        Policies.view(
            SHOP_SERVICE,
            Policies.workload("shop", "10.0.0.8", 8080, 9999),
            Policies.workload("thief", "10.0.0.8", 9999));

    assertThatThrownBy(() -> Destination.of(view, at("10.0.0.8", 9999)))
        .isInstanceOf(MeshHandshakeException.class)
        .hasMessageContaining("several identities");
  }

  @Test
  void addressesOfAMeshNetworkAreDialledWithAnyIdentity() throws Exception {
    MeshView view =
        Policies.view(
            """
            apiVersion: weft.dev/v1alpha1
            kind: MeshConfig
            metadata: {name: mesh}
            spec: {mtls: {meshNetworks: [10.9.0.0/16]}}
            """);

    Destination found = Destination.of(view, at("10.9.1.2", 5432));

    assertThat(found.target().mesh()).isTrue();
    assertThat(found.target().expected()).isNull();
  }

  @Test
  void endpointsThatDocumentsListAreOfTheMeshInItsNetworksOnly() throws Exception {
    MeshView view =
        Policies.view(
            """
            apiVersion: weft.dev/v1alpha1
            kind: MeshConfig
            metadata: {name: mesh}
            spec: {mtls: {meshNetworks: [10.9.0.0/16]}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: old}
            spec: {ports: [{port: 80}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: old, labels: {kubernetes.io/service-name: old}}
            addressType: IPv4
            ports: [{port: 8080}]
            endpoints: [{addresses: [10.9.1.2]}, {addresses: [192.0.2.1]}]
            """);

    Destination service = Destination.of(view, virtual(view, "old", 80));
    Destination inside = Destination.of(view, at("10.9.1.2", 8080));
    Destination outside = Destination.of(view, at("192.0.2.1", 8080));

    assertThat(service.endpoints())
        .extracting(endpoint -> service.target(endpoint).mesh())
        .containsExactly(true, false);
    assertThat(service.target(service.endpoints().get(0)).expected()).isNull();
    assertThat(inside.target(inside.endpoints().get(0)).mesh()).isTrue();
    assertThat(outside.target(outside.endpoints().get(0)).mesh()).isFalse();
    assertThat(outside.mesh()).isFalse();
  }

  @Test
  void aDestinationRuleSaysHowToConnect() throws Exception {
    MeshView view =
        Policies.view(
            SHOP_SERVICE
                + """
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: shop}
                spec:
                  host: shop
                  trafficPolicy: {connectionPool: {tcp: {maxConnections: 3, connectTimeout: 250ms}}}
                """,
            Policies.workload("shop", "10.0.0.8", 8080));

    Destination found = Destination.of(view, virtual(view, "shop", 80));

    assertThat(found.pool().maxConnections()).contains(3);
    assertThat(found.pool().connectTimeout()).contains(Duration.ofMillis(250));
  }
}
