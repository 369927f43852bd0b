package dev.weft.instrumentation.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.testing.Woven;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import okhttp3.Address;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the library makes of an endpoint. */
@DisabledIfSystemProperty(named = "weft.okhttp.version", matches = "4\\.4\\..*")
class EndpointTest {
  private static final HttpUrl APPLICATION = HttpUrl.get("http://pay:8080/x");

  @RegisterExtension static final Woven WOVEN = Woven.by(new OkHttpInstrumentation());

  private final OkHttpClient client = new OkHttpClient();

  @AfterEach
  void forget() {
    Endpoint.current(null);
  }

  @Test
  void theAddressIsTheEndpoints() throws Exception {
    Endpoint.current(endpoint(1, 8081));

    Address address = address();

    assertThat(address.url()).isEqualTo(HttpUrl.get("http://10.0.0.1:8081/"));
    assertThat(address.proxy()).isEqualTo(Proxy.NO_PROXY);
    assertThat(new Route(address, Proxy.NO_PROXY, new InetSocketAddress(1)).socketAddress())
        .hasToString("pay/10.0.0.1:8081");
  }

  @Test
  void otherAddressesStayTheApplications() {
    Address address = address();

    assertThat(address.url()).isEqualTo(HttpUrl.get("http://pay:8080/"));
    assertThat(new Route(address, Proxy.NO_PROXY, new InetSocketAddress(1)).socketAddress())
        .isEqualTo(new InetSocketAddress(1));
  }

  @Test
  void anEndpointMayHaveALinkLocalAddress() throws Exception {
    byte[] bytes = new byte[16];
    bytes[0] = (byte) 0xfe;
    bytes[1] = (byte) 0x80;
    bytes[15] = 7;
    InetAddress scoped = Inet6Address.getByAddress("pay", bytes, 1);
    Endpoint.current(endpoint(new InetSocketAddress(scoped, 8081)));

    assertThat(address().url()).isEqualTo(HttpUrl.get("http://[fe80::7]:8081/"));
  }

  @Test
  void addressesAreEqualWhenTheirEndpointsAre() throws Exception {
    Endpoint.current(endpoint(1, 8081));
    Address first = address();
    Endpoint.current(endpoint(1, 8081));
    assertThat(address()).isEqualTo(first).hasSameHashCodeAs(first);

    Endpoint.current(endpoint(2, 8081));
    assertThat(address()).isNotEqualTo(first);
    Endpoint.current(endpoint(1, 8082));
    assertThat(address()).isNotEqualTo(first);
  }

  private static Endpoint endpoint(int last, int port) throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress("pay", new byte[] {10, 0, 0, (byte) last});
    return endpoint(new InetSocketAddress(address, port));
  }

  private static Endpoint endpoint(InetSocketAddress address) {
    Attempt attempt =
        new Attempt(address, List.of(), Duration.ZERO, Optional.empty(), Duration.ofSeconds(1));
    return new Endpoint(attempt, APPLICATION, null, false);
  }

  private Address address() {
    return new Address(
        APPLICATION.host(),
        APPLICATION.port(),
        client.dns(),
        client.socketFactory(),
        null,
        null,
        null,
        client.proxyAuthenticator(),
        client.proxy(),
        client.protocols(),
        client.connectionSpecs(),
        client.proxySelector());
  }
}
