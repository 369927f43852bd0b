package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VirtualAddressesTest {
  @Test
  void theTwinCarriesTheIpv4AddressAndTheName() throws UnknownHostException {
    InetAddress twin = VirtualAddresses.twin("pay", InetAddress.getByName("240.1.2.3"));

    assertThat(twin).isEqualTo(InetAddress.getByName("fd77:6566:74::f001:203"));
    assertThat(twin.getHostName()).isEqualTo("pay");
  }

  @ParameterizedTest
  @ValueSource(strings = {"240.0.0.1", "255.0.0.1", "fd77:6566:74::f000:1", "::ffff:240.0.0.1"})
  void theRangesContainTheirAddresses(String address) throws UnknownHostException {
    assertThat(VirtualAddresses.contain(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"239.255.255.255", "10.0.0.1", "::1", "fd77:6566:75::f000:1", "fd77::1"})
  void theRangesContainNoOtherAddress(String address) throws UnknownHostException {
    assertThat(VirtualAddresses.contain(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0, 127.0.0.1", "::, ::1", "10.0.0.1, 10.0.0.1", "fd00::1, fd00::1"})
  void theKernelDialsWhatTheAddressMeans(String asked, String dialled) throws UnknownHostException {
    assertThat(VirtualAddresses.dialled(InetAddress.getByName(asked)))
        .isEqualTo(InetAddress.getByName(dialled));
  }

  @Test
  void anIpv4AddressInIpv6ClothesIsThatIpv4Address() throws UnknownHostException {
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 7};
    // The scope keeps the JDK from undressing it.
    InetAddress clothed = Inet6Address.getByAddress("pay", mapped, -1);

    assertThat(clothed).isInstanceOf(Inet6Address.class);
    assertThat(VirtualAddresses.dialled(clothed)).isEqualTo(InetAddress.getByName("10.0.0.7"));
  }
}
