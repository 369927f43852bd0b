package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.identity.TestAuthority;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Snapshot;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MeshViewTest {
  private static final Endpoint PAY =
      new Endpoint("10.0.0.7", 8080, 80, "pay-1", FakeControlServer.WORKLOAD, Map.of(), true);
  private static final Service SERVICE =
      new Service(
          "pay",
          "default",
          List.of("pay", "pay.default"),
          "240.0.0.1",
          List.of(new ServicePort("http", 80, "http")),
          List.of(PAY),
          List.of());

  private static MeshView view(String... networks) throws Exception {
    Snapshot base = FakeControlServer.emptySnapshot("v1", TestAuthority.create(), networks);
    return new MeshView(
        new Snapshot(
            base.version(),
            base.trustDomain(),
            base.trustBundle(),
            base.inbound(),
            List.of(SERVICE),
            base.mesh()));
  }

  @Test
  void meshBeatsPlaintextAtOneAddress() throws Exception {
    Endpoint plain = new Endpoint("10.0.0.7", 8080, 80, "x", "", Map.of(), true);

    assertThat(viewOf(plain, PAY).endpoint("10.0.0.7", 8080)).isEqualTo(PAY);
    assertThat(viewOf(PAY, plain).endpoint("10.0.0.7", 8080)).isEqualTo(PAY);
    assertThat(viewOf(PAY, plain).contested(PAY)).isFalse();
  }

  @Test
  void twoIdentitiesAtOneAddressAreContested() throws Exception {
    Endpoint impostor =
        new Endpoint(
            "10.0.0.7", 8080, 80, "x", "spiffe://cluster.local/ns/a/sa/evil", Map.of(), true);
    Endpoint elsewhere =
        new Endpoint("10.0.0.8", 8080, 80, "x", impostor.spiffeId(), Map.of(), true);

    assertThat(viewOf(impostor, PAY).contested(PAY)).isTrue();
    assertThat(viewOf(PAY, impostor).contested(PAY)).isTrue();
    assertThat(viewOf(PAY, elsewhere).contested(PAY)).isFalse();
    assertThat(viewOf(PAY, PAY).contested(PAY)).isFalse();
  }

  private static MeshView viewOf(Endpoint... endpoints) throws Exception {
    Snapshot base = FakeControlServer.emptySnapshot("v1", TestAuthority.create());
    Service service =
        new Service(
            "pay",
            "default",
            List.of("pay"),
            "240.0.0.1",
            SERVICE.ports(),
            List.of(endpoints),
            List.of());
    return new MeshView(
        new Snapshot(
            base.version(),
            base.trustDomain(),
            base.trustBundle(),
            base.inbound(),
            List.of(service),
            base.mesh()));
  }

  @Test
  void findsEndpointsAndServicesByAddressAndName() throws Exception {
    MeshView view = view();

    assertThat(view.endpoint("10.0.0.7", 8080)).isEqualTo(PAY);
    assertThat(view.endpoint(InetAddress.getByName("::ffff:10.0.0.7"), 8080)).isEqualTo(PAY);
    assertThat(view.endpoint("10.0.0.7", 8081)).isNull();
    assertThat(view.endpoint("pay", 8080)).isNull();
    assertThat(view.workloadAt(InetAddress.getByName("10.0.0.7"))).isTrue();
    assertThat(view.workloadAt(InetAddress.getByName("10.0.0.8"))).isFalse();
    assertThat(view("10.0.0.8").workloadAt(InetAddress.getByName("10.0.0.8"))).isTrue();
    assertThat(view.virtual("240.0.0.1")).isEqualTo(SERVICE);
    assertThat(view.virtual(InetAddress.getByName("240.0.0.2"))).isNull();
    assertThat(view.host("Pay.Default")).isEqualTo(SERVICE);
    assertThat(view.host("other")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,10.255.0.1,true",
    "10.0.0.0/8,11.0.0.1,false",
    "192.168.4.0/22,192.168.7.255,true",
    "192.168.4.0/22,192.168.8.0,false",
    "10.1.2.3,10.1.2.3,true",
    "10.1.2.3/32,10.1.2.4,false",
    "0.0.0.0/0,8.8.8.8,true",
    "0.0.0.0/0,fd00::1,false",
    "fd00::/8,fd12::1,true",
    "fd00::/8,fe00::1,false",
  })
  void meshNetworksAreRangesOfAddresses(String cidr, String address, boolean inside)
      throws Exception {
    assertThat(view(cidr).inMeshNetwork(InetAddress.getByName(address))).isEqualTo(inside);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/x", "localhost", "10.0.0/8", "fd00::/129", ""})
  void anythingElseIsNoNetwork(String cidr) {
    assertThatThrownBy(() -> view(cidr))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a CIDR such as 10.0.0.0/8, found \"" + cidr + "\"");
  }
}
