package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.server.TestAgent.Stream;
import dev.weft.server.authority.Pem;
import dev.weft.server.http.TlsProvider;
import dev.weft.server.log.Log;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds whosever TLS the server speaks. */
class ServerTlsTest {
  private static final Duration DAY = Duration.ofHours(24);

  @TempDir Path folder;

  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void boringSslIsThereWhereItsLibraryIsPacked() throws Exception {
    assertThat(TlsProvider.AUTO.here(Log.to(line -> {}))).isEqualTo(TlsProvider.OPENSSL);
    try (TestServer server = TestServer.in(folder, TlsProvider.AUTO, DAY)) {
      assertThat(server.log()).anyMatch(line -> line.contains("tls=openssl BoringSSL"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAgentIsWhoItsCertificateSays(TlsProvider provider) throws Exception {
    try (TestServer server = TestServer.in(folder, provider, DAY)) {
      TestAgent pay = TestAgent.enrolled(server, "pay");
      try (Stream stream = pay.watch("pay", 8080)) {
        stream.next();
        assertThat(server.status()).contains("spiffe://cluster.local/ns/default/sa/pay");
      }
      TestAgent thief =
          TestAgent.with(
              server, // another's certificate with a key of its own
              TestAgent.ecKey("secp256r1"),
              reply(pay.leaf()));
      assertThatThrownBy(() -> thief.report(Map.of())).isInstanceOf(IOException.class);
    }
  }

  private static TestAgent.Reply reply(X509Certificate leaf) throws Exception {
    return new TestAgent.Reply(200, Map.of("certificate", List.of(Pem.of(leaf))));
  }

  @ParameterizedTest
  @EnumSource
  void agentsMayHaveAnyKeyThatEnrolmentTakes(TlsProvider provider) throws Exception {
    try (TestServer server = TestServer.in(folder, provider, DAY)) {
      for (KeyPair key :
          List.of(
              TestAgent.ecKey("secp256r1"), TestAgent.ecKey("secp384r1"), TestAgent.rsaKey(2048))) {
        TestAgent.Reply enrolled =
            TestAgent.enroll(server, server.token("pay", 1), TestAgent.csr(key), "");
        TestAgent agent = TestAgent.with(server, key, enrolled);
        try (Stream stream = agent.watch("pay", 8080)) {
          stream.next();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoShowsNoCertificateIsNoAgent(TlsProvider provider) throws Exception {
    try (TestServer server = TestServer.in(folder, provider, DAY)) {
      TestAgent.Reply reply = TestAgent.post(server, server.client(), "/v1/watch", Map.of());

      assertThat(reply.status()).isEqualTo(401);
      assertThat(server.get("/v1/status")).isNotEmpty(); // operators need none
    }
  }

  @ParameterizedTest
  @EnumSource
  void tls13OnlyIsSpoken(TlsProvider provider) throws Exception {
    try (TestServer server = TestServer.in(folder, provider, DAY)) {
      try (SSLSocket old = socket(server, server.trust())) {
        old.setEnabledProtocols(new String[] {"TLSv1.2"});
        assertThatThrownBy(old::startHandshake).isInstanceOf(SSLException.class);
      }
      assertThat(
              server
                  .client()
                  .send(
                      HttpRequest.newBuilder(server.uri().resolve("/healthz")).build(),
                      HttpResponse.BodyHandlers.discarding())
                  .sslSession())
          .get()
          .returns("TLSv1.3", SSLSession::getProtocol);
      await()
          .untilAsserted(
              () ->
                  assertThat(server.log())
                      .filteredOn(line -> line.contains("TLS handshake failed"))
                      .hasSize(1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void newConnectionsSeeARenewedCertificate(TlsProvider provider) throws Exception {
    try (TestServer server = TestServer.in(folder, provider, Duration.ofSeconds(3))) {
      BigInteger first = serial(server);

      await().untilAsserted(() -> assertThat(serial(server)).isNotEqualTo(first));
      assertThat(server.log()).anyMatch(line -> line.contains("server certificate renewed"));
    }
  }

  private static BigInteger serial(TestServer server) throws Exception {
    try (SSLSocket socket = socket(server, server.trust())) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoDoesNotTrustTheServerIsLogged(TlsProvider provider) throws Exception {
    try (TestServer server = TestServer.in(folder, provider, DAY)) {
      try (SSLSocket strange = socket(server, SSLContext.getDefault())) {
        assertThatThrownBy(strange::startHandshake).isInstanceOf(SSLException.class);
      }
      awaitLine(server, "Received fatal alert: certificate_unknown");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoLeavesAfterTheServersHelloIsLogged(TlsProvider provider) throws Exception {
    try (TestServer server = TestServer.in(folder, provider, DAY)) {
      try (Socket only = new Socket(server.uri().getHost(), server.uri().getPort())) {
        assertThat(only.isConnected()).isTrue(); // as a health check, which leaves no line
      }
      try (Socket leaving = new Socket(server.uri().getHost(), server.uri().getPort())) {
        leaving.getOutputStream().write(clientHello(server));
        InputStream in = leaving.getInputStream();
        assertThat(in.read()).isEqualTo(22); // a handshake record
        in.skipNBytes(Math.max(0, in.available()));
      }
      awaitLine(server, "the peer closed it");
      assertThat(server.log()).filteredOn(line -> line.contains("TLS handshake failed")).hasSize(1);
    }
  }

  private static byte[] clientHello(TestServer server) throws Exception {
    SSLEngine engine = server.trust().createSSLEngine();
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.flip().remaining()];
    hello.get(bytes);
    return bytes;
  }

  private static SSLSocket socket(TestServer server, SSLContext tls) throws Exception {
    return (SSLSocket)
        tls.getSocketFactory().createSocket(server.uri().getHost(), server.uri().getPort());
  }

  private static void awaitLine(TestServer server, String part) {
    await()
        .untilAsserted(
            () -> {
              Optional<String> line =
                  server.log().stream()
                      .filter(logged -> logged.contains("TLS handshake failed"))
                      .findFirst();
              assertThat(line).get().asString().contains(part);
            });
  }
}
