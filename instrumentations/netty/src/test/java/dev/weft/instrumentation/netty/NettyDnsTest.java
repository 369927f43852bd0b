package dev.weft.instrumentation.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.Woven;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Netty's resolver with a DNS server that never answers: what it knows, it knows from us. */
@SuppressWarnings("deprecation") // Netty 4.2 has other names for the event loop
class NettyDnsTest {
  private static final int PATIENCE_SECONDS = 30;

  /** Older versions answer with the first entry of the hosts file alone. */
  private static final boolean LISTS_HOSTS_FILE =
      Stream.of(DnsNameResolver.class.getDeclaredMethods())
          .anyMatch(method -> method.getName().equals(HostsFileAdvice.ALL));

  @RegisterExtension static final Woven WOVEN = Woven.by(new NettyDnsInstrumentation());
  private static NioEventLoopGroup group;

  private DatagramSocket silent;
  private InetAddress v4;
  private InetAddress v6;

  @BeforeAll
  static void startGroup() {
    group = new NioEventLoopGroup(1);
  }

  @AfterAll
  static void stopGroup() throws Exception {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @BeforeEach
  void open() throws Exception {
    silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    v4 = InetAddress.getByAddress("orders", new byte[] {(byte) 240, 0, 0, 7});
    byte[] ula = new byte[16];
    ula[0] = (byte) 0xfd;
    ula[15] = 7;
    v6 = InetAddress.getByAddress("orders", ula);
  }

  @AfterEach
  void close() {
    silent.close();
  }

  @ParameterizedTest
  @CsvSource({
    "IPV4_ONLY, 240.0.0.7, 240.0.0.7",
    "IPV6_ONLY, fd00::7, fd00::7",
    "IPV4_PREFERRED, 240.0.0.7, 240.0.0.7 fd00::7",
    "IPV6_PREFERRED, fd00::7, fd00::7 240.0.0.7"
  })
  void aHostOfTheMeshHasTheFamiliesThatAreWanted(
      ResolvedAddressTypes types, String first, String all) throws Exception {
    Mesh.install(new FakeTransportMesh(v4, v6));
    try (DnsNameResolver resolver = resolver(types)) {
      assertThat(one(resolver, "orders")).isEqualTo(InetAddress.getByName(first));
      assertThat(all(resolver, "orders"))
          .isEqualTo(
              Stream.of((LISTS_HOSTS_FILE ? all : first).split(" "))
                  .map(NettyDnsTest::address)
                  .toList());
    }
  }

  @Test
  void aHostOfTheMeshIsFoundWhereOnlyTheOtherFamilyIsWanted() throws Exception {
    Mesh.install(new FakeTransportMesh(v4));
    try (DnsNameResolver resolver = resolver(ResolvedAddressTypes.IPV6_ONLY)) {
      assertThat(one(resolver, "orders")).isEqualTo(v4);
    }
  }

  @Test
  void theFinalDotOfAnAbsoluteNameDoesNotMatter() throws Exception {
    Mesh.install(new FakeTransportMesh(v4));
    try (DnsNameResolver resolver = resolver(ResolvedAddressTypes.IPV4_PREFERRED)) {
      assertThat(one(resolver, "orders.")).isEqualTo(v4);
    }
  }

  @Test
  void otherHostsAreAskedOfTheDnsServer() throws Exception {
    Mesh.install(new FakeTransportMesh(v4));
    try (DnsNameResolver resolver = resolver(ResolvedAddressTypes.IPV4_ONLY)) {
      assertThatThrownBy(() -> one(resolver, "elsewhere.test"))
          .hasCauseInstanceOf(UnknownHostException.class);
    }
  }

  private DnsNameResolver resolver(ResolvedAddressTypes types) {
    return new DnsNameResolverBuilder(group.next())
        .channelType(NioDatagramChannel.class)
        .resolvedAddressTypes(types)
        .nameServerProvider(
            new SequentialDnsServerAddressStreamProvider(
                new InetSocketAddress(silent.getLocalAddress(), silent.getLocalPort())))
        .queryTimeoutMillis(200)
        .build();
  }

  private static InetAddress one(DnsNameResolver resolver, String host) throws Exception {
    return resolver.resolve(host).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static List<InetAddress> all(DnsNameResolver resolver, String host) throws Exception {
    return resolver.resolveAll(host).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
