package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.agent.wire.MeshNames.Families;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MeshNamesTest {
  private static final String IPV4 = "240.0.0.7";
  private static final String IPV6 = "fd77:6566:74:0:0:0:f000:7";
  private static final String LONGEST = "pay.default.svc.cluster.local";

  private final Snapshots snapshots =
      new Snapshots(new Log(LogLevel.ERROR, new PrintStream(new ByteArrayOutputStream())));

  @ParameterizedTest
  @CsvSource({
    "IPV4, " + IPV4,
    "IPV4_FIRST, " + IPV4 + " " + IPV6,
    "IPV6_FIRST, " + IPV6 + " " + IPV4
  })
  void aNameHasItsAddressesInTheOrderOfTheJvm(Families families, String expected) {
    InetAddress[] addresses = names(families).resolve("pay");

    assertThat(addresses).isNotNull().allMatch(address -> address.getHostName().equals("pay"));
    assertThat(Arrays.stream(addresses).map(InetAddress::getHostAddress))
        .containsExactly(expected.split(" "));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "unset",
      value = {
        "false, unset, IPV4",
        "false, true, IPV4",
        "true, unset, IPV4_FIRST",
        "true, false, IPV4_FIRST",
        "true, system, IPV4_FIRST",
        "true, true, IPV6_FIRST"
      })
  void thePropertiesMeanWhatTheyMeanToTheJdk(boolean ipv6, String preferIpv6, Families expected) {
    assertThat(Families.of(ipv6, preferIpv6)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pay", "PAY.Default", "pay.", LONGEST + "."})
  void aNameIsKnownInAnyCaseAndWithTheDotOfACompleteOne(String host) {
    assertThat(names(Families.IPV4).resolve(host)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.org", "pay.other", "", ".", "internal"})
  void otherNamesAreLeftToTheJdk(String host) {
    assertThat(names(Families.IPV4).resolve(host)).isNull();
  }

  @Test
  void beforeTheFirstSnapshotEverythingIsLeftToTheJdk() throws UnknownHostException {
    MeshNames early = new MeshNames(snapshots, Families.IPV4_FIRST);

    assertThat(early.resolve("pay")).isNull();
    assertThat(early.name(InetAddress.getByName(IPV4))).isNull();
    assertThat(early.virtual(InetAddress.getByName(IPV4))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        IPV4 + ", " + LONGEST,
        IPV6 + ", " + LONGEST,
        "240.0.0.8, 240.0.0.8",
        "10.0.0.7, null",
        "fd00::7, null"
      })
  void aVirtualAddressHasANameWithoutDns(String address, String expected)
      throws UnknownHostException {
    assertThat(names(Families.IPV4).name(InetAddress.getByName(address))).isEqualTo(expected);
  }

  @Test
  void aHeadlessServiceIsTheAddressesOfItsReadyEndpoints() {
    assertThat(names(Families.IPV4).resolve("peers"))
        .extracting(InetAddress::getHostAddress, InetAddress::getHostName)
        .containsExactly(tuple("10.0.0.1", "peers"), tuple("10.0.0.3", "peers"));
  }

  private static dev.weft.policy.Endpoint endpoint(String address, int port, boolean ready) {
    return new dev.weft.policy.Endpoint(address, port, port, "peers", "", Map.of(), ready);
  }

  private MeshNames names(Families families) {
    List<ServicePort> ports = List.of(new ServicePort("http", 80, "http"));
    Service pay =
        new Service(
            "pay",
            "default",
            List.of("pay", "pay.default", LONGEST),
            IPV4,
            ports,
            List.of(),
            List.of());
    // A service that has no virtual address must not become an address of this host.
    Service without =
        new Service("internal", "default", List.of("internal"), "", ports, List.of(), List.of());
    Service headless =
        new Service(
            "peers",
            "default",
            List.of("peers"),
            "",
            ports,
            List.of(
                endpoint("10.0.0.1", 80, true),
                endpoint("10.0.0.1", 81, true),
                endpoint("10.0.0.2", 80, false),
                endpoint("10.0.0.3", 80, true)),
            List.of());
    Inbound inbound =
        new Inbound(
            "pay-1",
            "pay",
            "default",
            "spiffe://a.test/ns/default/sa/pay",
            Map.of(),
            new Inbound.Mtls(MtlsMode.STRICT, "rule"),
            Map.of(),
            List.of());
    snapshots.publish(
        new MeshView(
            new Snapshot(
                "v1",
                "a.test",
                List.of(),
                inbound,
                List.of(pay, without, headless),
                MeshSettings.DEFAULT)));
    return new MeshNames(snapshots, families);
  }
}
