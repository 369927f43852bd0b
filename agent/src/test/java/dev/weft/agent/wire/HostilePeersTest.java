package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.of;

import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.MeshTls;
import dev.weft.agent.identity.TestAuthority;
import dev.weft.agent.identity.TestAuthority.Leaf;
import dev.weft.agent.identity.TlsProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.awaitility.Awaitility;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Peers that are not what the mesh wants, on real sockets, at either end. Each is refused before a
 * byte of the application has passed, the reader and the log are told why, the descriptor and the
 * buffers are free again. And the twin, who differs in nothing else, is welcome.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.weft.agent.identity.TlsProvider#all")
class HostilePeersTest {
  /** Shorter than the limit of a handshake: no refusal waits for that. */
  private static final Duration PATIENCE = Duration.ofSeconds(9);

  private static final byte[] SECRET = "0123456789".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ANSWER = "ABCDEFGHIJ".getBytes(StandardCharsets.US_ASCII);
  private static final TestAuthority AUTHORITY = TestAuthority.create();
  private static final TestAuthority STRANGER = TestAuthority.create("CN=stranger");
  private static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static Driver driver;

  private final RealHost shop;
  private final RealHost stock;

  HostilePeersTest(TlsProvider provider) {
    shop = new RealHost(tls(provider, Links.SHOP.toString()), driver);
    stock = new RealHost(tls(provider, Links.STOCK.toString()), driver);
  }

  private static MeshTls tls(TlsProvider provider, String id) {
    IdentityStore store = new IdentityStore();
    store.publish(AUTHORITY.identity(id));
    return provider.open(store);
  }

  @BeforeAll
  static void start() throws IOException {
    driver = RealHost.driver();
  }

  @AfterAll
  static void stop() {
    driver = null; // its threads are daemons
  }

  /** Of a certificate that is good but for one thing. */
  record Papers(String name, TestAuthority by, Consumer<Leaf> change) {
    static Papers with(String name, Consumer<Leaf> change) {
      return new Papers(name, AUTHORITY, change);
    }

    SSLContext context(String id) throws GeneralSecurityException {
      KeyPair keys = TestAuthority.keyPair("EC");
      X509Certificate leaf = by.leaf(keys.getPublic(), id, change);
      return HostilePeersTest.context(keys.getPrivate(), leaf);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Papers> badPapers() {
    return Stream.of(
        new Papers("another authority", STRANGER, leaf -> {}),
        new Papers("an authority of the same name", TestAuthority.create(), leaf -> {}),
        Papers.with("another trust domain", leaf -> uris(leaf, "spiffe://b.test/ns/a/sa/b")),
        Papers.with("two URIs", leaf -> leaf.uris.add("spiffe://shop.test/ns/a/sa/b")),
        Papers.with("no URI", leaf -> leaf.uris.clear()),
        Papers.with("a host only", HostilePeersTest::hostOnly),
        Papers.with("a bad path", leaf -> uris(leaf, "spiffe://shop.test/ns/../sa/shop")),
        Papers.with("an authority's", leaf -> leaf.ca = true),
        Papers.with(
            "one that signs",
            leaf -> leaf.usage = KeyUsage.digitalSignature | KeyUsage.keyCertSign),
        Papers.with("no digitalSignature", leaf -> leaf.usage = KeyUsage.keyAgreement),
        Papers.with(
            "for clients only", leaf -> leaf.extended = List.of(KeyPurposeId.id_kp_clientAuth)),
        Papers.with(
            "for servers only", leaf -> leaf.extended = List.of(KeyPurposeId.id_kp_serverAuth)),
        Papers.with("expired", HostilePeersTest::expired),
        Papers.with("not yet valid", leaf -> leaf.from = Instant.now().plusSeconds(600)));
  }

  private static void uris(Leaf leaf, String... uris) {
    leaf.uris = List.of(uris);
  }

  private static void hostOnly(Leaf leaf) {
    leaf.uris = List.of();
    leaf.hosts = List.of("shop.test");
  }

  private static void expired(Leaf leaf) {
    leaf.from = Instant.now().minusSeconds(600);
    leaf.until = Instant.now().minusSeconds(300);
  }

  // ---- clients ----

  @ParameterizedTest(name = "a client with a certificate: {0}")
  @MethodSource("badPapers")
  void aServerRefusesAClientWithBadPapers(Papers papers) throws Exception {
    SSLContext context = papers.context(Links.SHOP.toString());

    assertServerRefuses(tls(context, "TLSv1.3", MeshTls.ALPN));
  }

  private interface Attack {
    void on(Socket socket) throws Exception;
  }

  static Stream<Arguments> attacks() throws GeneralSecurityException {
    SSLContext good = Papers.with("good", leaf -> {}).context(Links.SHOP.toString());
    return Stream.of(
        of("no certificate", tls(context(null), "TLSv1.3", MeshTls.ALPN)),
        of("TLS 1.2", tls(good, "TLSv1.2", MeshTls.ALPN)),
        of("another ALPN protocol", tls(good, "TLSv1.3", "h2")),
        of("no ALPN protocol", tls(good, "TLSv1.3")),
        of("TLS 1.1", says(oldHello(good, 2))),
        of("TLS 1.0", says(oldHello(good, 1))),
        of("SSL 3.0", says(oldHello(good, 0))),
        of("SSL 2.0", says((byte) 0x80, (byte) 0x2e, (byte) 1, (byte) 3, (byte) 1, (byte) 0)),
        of("HTTP", says("GET / HTTP/1.1\r\nHost: stock\r\n\r\n".getBytes())),
        of("HTTP/2", says("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes())),
        of("nothing, and leaves", says()),
        of("half a hello, and leaves", says((byte) 22, (byte) 3, (byte) 1)),
        of("a reset", attack(HostilePeersTest::reset)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void aServerRefusesAClientThatSays(String name, Attack attack) throws Exception {
    assertServerRefuses(attack);
  }

  private void assertServerRefuses(Attack attack) throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK);
        Socket hostile = connected(listener);
        SocketChannel accepted = listener.accept()) {
      accepted.configureBlocking(false);
      MeshConnection connection = stock.accept(accepted);
      assertThat(connection.write(direct(ANSWER))).isEqualTo(ANSWER.length); // early, as it may
      try {
        attack.on(hostile);
      } catch (IOException refused) {
        // or the client is told when it reads
      }

      assertRefused(connection, stock);
      assertThat(leftFor(hostile)).as("bytes for the client").doesNotContain(text(ANSWER));
      assertClosed(connection, accepted, stock);
    }
  }

  @Test
  void aServerTakesAClientWithGoodPapers() throws Exception {
    SSLContext context = good(Links.SHOP.toString());
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK);
        Socket twin = connected(listener);
        SocketChannel accepted = listener.accept()) {
      accepted.configureBlocking(false);
      MeshConnection connection = stock.accept(accepted);
      connection.write(direct(ANSWER));

      assertThat(speakTls(twin, context, "TLSv1.3", MeshTls.ALPN)).isEqualTo(text(ANSWER));

      ByteBuffer got = ByteBuffer.allocateDirect(SECRET.length);
      await(() -> connection.read(got) == SECRET.length);
      assertThat(stock.established).hasValue(1);
      assertClosed(connection, accepted, stock);
    }
  }

  /** What the server says to somebody who has told the secret. */
  private static String speakTls(Socket socket, SSLContext context, String version, String... alpn)
      throws IOException {
    // Not closed: that would wait for the server's end. The socket below is closed by its owner.
    SSLSocket over = (SSLSocket) context.getSocketFactory().createSocket(socket, "stock", 1, false);
    configure(over.getSSLParameters(), over::setSSLParameters, version, alpn);
    over.setSoTimeout((int) PATIENCE.toMillis());
    over.getOutputStream().write(SECRET);
    over.getOutputStream().flush();
    return text(over.getInputStream().readNBytes(ANSWER.length));
  }

  private static void configure(
      SSLParameters parameters, Consumer<SSLParameters> set, String version, String... alpn) {
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(alpn);
    set.accept(parameters);
  }

  private static Attack tls(SSLContext context, String version, String... alpn) {
    return socket ->
        // In TLS 1.3 the refusal comes after what the client takes for the end of the handshake.
        assertThat(speakTls(socket, context, version, alpn)).as("for a stranger").isEmpty();
  }

  private static Attack attack(Attack attack) {
    return attack;
  }

  private static Attack says(byte... bytes) {
    return socket -> {
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
    };
  }

  private static void reset(Socket socket) throws IOException {
    socket.getOutputStream().write(22);
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** A hello of a version that engines of today refuse to make. */
  private static byte[] oldHello(SSLContext context, int minor) {
    try {
      SSLEngine engine = context.createSSLEngine();
      engine.setUseClientMode(true);
      configure(engine.getSSLParameters(), engine::setSSLParameters, "TLSv1.2", MeshTls.ALPN);
      ByteBuffer record = ByteBuffer.allocate(1 << 16);
      engine.wrap(ByteBuffer.allocate(0), record);
      byte[] hello = new byte[record.flip().remaining()];
      record.get(hello);
      hello[2] = (byte) minor; // of the record
      hello[10] = (byte) minor; // of the hello
      return hello;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  // ---- servers ----

  @ParameterizedTest(name = "a server with a certificate: {0}")
  @MethodSource("badPapers")
  void aClientRefusesAServerWithBadPapers(Papers papers) throws Exception {
    assertClientRefuses(papers.context(Links.STOCK.toString()), "TLSv1.3", MeshTls.ALPN);
  }

  @Test
  void aClientRefusesAServerWithTheNameOfAnother() throws Exception {
    assertClientRefuses(good(Links.SHOP.toString()), "TLSv1.3", MeshTls.ALPN);
  }

  @Test
  void aClientRefusesAnOldServer() throws Exception {
    assertClientRefuses(good(Links.STOCK.toString()), "TLSv1.2", MeshTls.ALPN);
  }

  @Test
  void aClientRefusesAServerThatSelectsNoAlpn() throws Exception {
    assertClientRefuses(good(Links.STOCK.toString()), "TLSv1.3");
  }

  @Test
  void aClientRefusesAServerThatSpeaksPlaintext() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(LOOPBACK)) {
      assertClientRefuses(
          listener.getLocalAddress(),
          () -> {
            try (Socket accepted = listener.accept().socket()) {
              accepted.getOutputStream().write("SSH-2.0-OpenSSH\r\n".getBytes());
              return accepted.getInputStream().readAllBytes();
            }
          });
    }
  }

  @Test
  void aClientTakesAGoodServer() throws Exception {
    try (SSLServerSocket listener = listen(good(Links.STOCK.toString()), "TLSv1.3", MeshTls.ALPN);
        SocketChannel channel = SocketChannel.open(listener.getLocalSocketAddress())) {
      channel.configureBlocking(false);
      MeshConnection connection = shop.connect(channel);
      assertThat(connection.write(direct(SECRET))).isEqualTo(SECRET.length);
      try (Socket accepted = listener.accept()) {
        assertThat(accepted.getInputStream().readNBytes(SECRET.length)).isEqualTo(SECRET);
      }
      await(() -> shop.established.get() == 1);
      assertClosed(connection, channel, shop);
    }
  }

  private static SSLContext good(String id) throws GeneralSecurityException {
    return Papers.with("good", leaf -> {}).context(id);
  }

  private interface Hostile {
    /** What it has got. */
    byte[] serve() throws IOException;
  }

  private void assertClientRefuses(SSLContext context, String version, String... alpn)
      throws Exception {
    try (SSLServerSocket listener = listen(context, version, alpn)) {
      assertClientRefuses(
          listener.getLocalSocketAddress(),
          () -> {
            try (Socket accepted = listener.accept()) {
              return accepted.getInputStream().readAllBytes();
            }
          });
    }
  }

  private void assertClientRefuses(SocketAddress address, Hostile hostile) throws Exception {
    CompletableFuture<String> got =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return text(hostile.serve());
              } catch (IOException refused) {
                return "";
              }
            });
    try (SocketChannel channel = SocketChannel.open(address)) {
      channel.configureBlocking(false);
      MeshConnection connection = shop.connect(channel);
      try {
        connection.write(direct(SECRET));
      } catch (IOException refusedAlready) {
        // the reader is told too
      }

      assertRefused(connection, shop);
      assertClosed(connection, channel, shop);
    }
    assertThat(got.get()).as("what the server got").doesNotContain(text(SECRET));
  }

  private static SSLServerSocket listen(SSLContext context, String version, String... alpn)
      throws IOException {
    SSLServerSocket listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    configure(listener.getSSLParameters(), listener::setSSLParameters, version, alpn);
    listener.setNeedClientAuth(true);
    return listener;
  }

  // ---- both ----

  private static void assertRefused(MeshConnection connection, RealHost host) {
    ByteBuffer target = ByteBuffer.allocateDirect(100);
    String[] why = new String[1];
    await(
        () -> {
          try {
            int n = connection.read(target);
            assertThat(n).isEqualTo(Transport.UNAVAILABLE);
            return false;
          } catch (IOException e) {
            why[0] = e.getMessage();
            return true;
          }
        });
    assertThat(target.position()).as("bytes for the application").isZero();
    assertThat(why[0]).hasSizeGreaterThan(20).doesNotContain("null");
    assertThat(host.established).hasValue(0);
    // A port that is only looked at is worth no line.
    assertThat(host.failures.isEmpty() || host.failures.contains(why[0])).isTrue();
  }

  private static void assertClosed(MeshConnection connection, SocketChannel channel, RealHost host)
      throws IOException {
    boolean lingers = connection.close();
    assertThat(lingers && host.established.get() == 0).as("a refused connection lingers").isFalse();
    channel.close();
    await(() -> host.pool().lent() == 0);
  }

  /** What the other end gets until the end or the error. */
  private static String leftFor(Socket socket) {
    if (socket.isClosed()) {
      return "";
    }
    try {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      return text(socket.getInputStream().readAllBytes());
    } catch (SocketTimeoutException stillOpen) {
      throw new AssertionError("the connection stays open", stillOpen);
    } catch (IOException reset) {
      return "";
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static Socket connected(ServerSocketChannel listener) throws IOException {
    InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
    return new Socket(address.getAddress(), address.getPort());
  }

  private static ByteBuffer direct(byte... bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) {
    Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(condition::holds);
  }

  /** What a peer presents, whatever it is asked for; {@code key} null: nothing. */
  private static SSLContext context(PrivateKey key, X509Certificate... chain)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new Presents(key, chain)},
        new TrustManager[] {new TlsProvider.Trusting()},
        null);
    return context;
  }

  private static final class Presents extends X509ExtendedKeyManager {
    private final PrivateKey key;
    private final X509Certificate[] chain;

    Presents(PrivateKey key, X509Certificate... chain) {
      this.key = key;
      this.chain = chain;
    }

    private String alias(String... types) {
      return key != null && List.of(types).contains("EC") ? "it" : null;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return alias(types);
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
      return alias(type);
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return alias(types);
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return alias(type);
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {"it"};
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[] {"it"};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return chain.clone();
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }
  }
}
