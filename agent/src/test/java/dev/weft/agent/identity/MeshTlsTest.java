package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.identity.TestAuthority.Leaf;
import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.Security;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What mesh TLS demands of a peer, by each engine against each. */
@ParameterizedClass(name = "{0} client, {1} server")
@MethodSource("pairs")
class MeshTlsTest {
  private static final String SHOP = "spiffe://a.test/ns/default/sa/shop";
  private static final String PAY = "spiffe://a.test/ns/default/sa/pay";
  private final TestAuthority authority = TestAuthority.create();
  private final IdentityStore shop = new IdentityStore();
  private final IdentityStore pay = new IdentityStore();
  private static final InetSocketAddress REMOTE = InetSocketAddress.createUnresolved("pay", 80);

  private final TlsProvider clientKind;
  private final TlsProvider serverKind;
  private final MeshTls client;
  private final MeshTls server;

  MeshTlsTest(TlsProvider clientKind, TlsProvider serverKind) {
    this.clientKind = clientKind;
    this.serverKind = serverKind;
    this.client = clientKind.open(shop);
    this.server = serverKind.open(pay);
  }

  static Stream<Arguments> pairs() {
    return TlsProvider.all().stream()
        .flatMap(client -> TlsProvider.all().stream().map(server -> Arguments.of(client, server)));
  }

  private void goodIdentities() {
    shop.publish(authority.identity(SHOP));
    pay.publish(authority.identity(PAY));
  }

  private Engines handshake() throws SSLException {
    return new Engines(client.client(SpiffeId.parse(PAY), REMOTE), server.server()).handshake();
  }

  @Test
  void bothEndsProveTheirIdentity() throws Exception {
    goodIdentities();
    SSLEngine shopEngine = client.client(SpiffeId.parse(PAY), REMOTE);
    SSLEngine payEngine = server.server();

    assertThat(new Engines(shopEngine, payEngine).handshake().ok()).isTrue();
    assertThat(client.peer(shopEngine)).isEqualTo(SpiffeId.parse(PAY));
    assertThat(server.peer(payEngine)).isEqualTo(SpiffeId.parse(SHOP));
    assertThat(shopEngine.getSession().getProtocol()).isEqualTo("TLSv1.3");
    assertThat(payEngine.getApplicationProtocol()).isEqualTo("weft/1");
  }

  @Test
  void aServerNobodyRegisteredNeedsOnlyTheTrustDomain() throws Exception {
    goodIdentities();

    assertThat(new Engines(client.client(null, REMOTE), server.server()).handshake().ok()).isTrue();
  }

  @Test
  void aWrongServerIsRefusedInsideTheHandshakeAndBothAreNamed() throws Exception {
    goodIdentities();
    Engines engines =
        new Engines(
                client.client(SpiffeId.parse("spiffe://a.test/ns/default/sa/orders"), REMOTE),
                server.server())
            .handshake();

    assertThat(engines.clientError)
        .hasMessageContaining("expected server spiffe://a.test/ns/default/sa/orders")
        .hasMessageContaining("found " + PAY)
        .hasMessageContaining("we are " + SHOP);
    assertThat(engines.serverError).hasMessageContaining("certificate_unknown");
  }

  static Stream<Arguments> refusedPeers() {
    return Stream.of(
        refused(
            "two URIs",
            leaf -> leaf.uris.add("spiffe://a.test/ns/x/sa/y"),
            "expected exactly one URI"),
        refused("no URI", leaf -> leaf.uris.clear(), "expected exactly one URI"),
        refused(
            "no SPIFFE ID",
            leaf -> leaf.uris = List.of("https://a.test/ns/default/sa/shop"),
            "not a SPIFFE ID"),
        refused(
            "another form",
            leaf -> leaf.uris = List.of("spiffe://a.test/workload"),
            "expected spiffe://<trust domain>/ns/"),
        refused(
            "too long",
            leaf -> leaf.uris = List.of("spiffe://a.test/ns/default/sa/" + "x".repeat(2048)),
            "longer than 2048"),
        refused(
            "foreign trust domain",
            leaf -> leaf.uris = List.of("spiffe://b.test/ns/default/sa/shop"),
            "expected a peer of trust domain a.test, found spiffe://b.test/ns/default/sa/shop"),
        refused("authority", leaf -> leaf.ca = true, "is an authority's"),
        refused("no key usage", leaf -> leaf.usage = null, "lacks the key usage"),
        refused(
            "no signature",
            leaf -> leaf.usage = KeyUsage.keyEncipherment,
            "lacks the key usage digitalSignature"),
        refused(
            "signs certificates",
            leaf -> leaf.usage = KeyUsage.digitalSignature | KeyUsage.keyCertSign,
            "may sign certificates"),
        refused(
            "signs CRLs",
            leaf -> leaf.usage = KeyUsage.digitalSignature | KeyUsage.cRLSign,
            "may sign certificates or CRLs"),
        refused(
            "server only",
            leaf -> leaf.extended = List.of(KeyPurposeId.id_kp_serverAuth),
            "server and client authentication"),
        refused(
            "client only",
            leaf -> leaf.extended = List.of(KeyPurposeId.id_kp_clientAuth),
            "server and client authentication"),
        refused(
            "not yet valid",
            leaf -> leaf.from = Instant.now().plus(Duration.ofMinutes(10)),
            "(this machine's clock says"));
  }

  private static Arguments refused(String name, Consumer<Leaf> change, String message) {
    return Arguments.of(name, change, message);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedPeers")
  void refusesAClientWithABadCertificate(String name, Consumer<Leaf> change, String message)
      throws Exception {
    goodIdentities();
    shop.publish(authority.identity(SHOP, change));
    SSLException refusal = refusal(engines -> engines.serverError);

    // No engine offers a certificate without digitalSignature, and BoringSSL looks for it itself.
    assertThat(refusal)
        .satisfiesAnyOf(
            error -> assertThat(error).hasMessageContaining(message),
            error -> assertThat(error).hasMessageContaining("Empty client certificate chain"),
            error -> assertThat(error).hasMessageContaining("key usage bit incorrect"),
            error -> assertThat(error).hasMessageContaining("BoringSSL does not take " + SHOP));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedPeers")
  void refusesAServerWithABadCertificate(String name, Consumer<Leaf> change, String message)
      throws Exception {
    goodIdentities();
    pay.publish(authority.identity(PAY, change));

    assertThat(
            refusal(
                engines -> engines.clientError == null ? engines.serverError : engines.clientError))
        .isNotNull();
  }

  /** Why there is no connection; an engine may not even begin. */
  private SSLException refusal(Function<Engines, SSLException> whose) {
    try {
      Engines engines = handshake();
      assertThat(engines.ok()).isFalse();
      return whose.apply(engines);
    } catch (SSLException e) {
      return e;
    }
  }

  static Stream<Arguments> acceptedPeers() {
    return Stream.of(
        accepted("no extended key usage", leaf -> leaf.extended = List.of()),
        accepted(
            "any extended key usage",
            leaf -> leaf.extended = List.of(KeyPurposeId.anyExtendedKeyUsage)),
        accepted(
            "more usages", leaf -> leaf.usage = KeyUsage.digitalSignature | KeyUsage.keyAgreement),
        accepted("expires soon", leaf -> leaf.until = Instant.now().plusSeconds(30)),
        accepted("just begun", leaf -> leaf.from = Instant.now().minusSeconds(1)));
  }

  private static Arguments accepted(String name, Consumer<Leaf> change) {
    return Arguments.of(name, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("acceptedPeers")
  void acceptsEveryGoodCertificate(String name, Consumer<Leaf> change) throws Exception {
    shop.publish(authority.identity(SHOP, change));
    pay.publish(authority.identity(PAY, change));

    assertThat(handshake().ok()).isTrue();
  }

  @Test
  void anExpiredClientIsToldByHowMuch() throws Exception {
    Instant end = Instant.now().minusSeconds(180);
    shop.publish(authority.identity(SHOP, expired(end)));
    pay.publish(authority.identity(PAY, lastHour()));
    MeshTls slowClock = clientKind.open(shop, () -> end.minusSeconds(1));
    Engines engines =
        new Engines(slowClock.client(SpiffeId.parse(PAY), REMOTE), server.server()).handshake();

    assertThat(engines.serverError)
        .hasMessageContaining("certificate of " + SHOP + " expired 3m")
        .hasMessageContaining("compare the clocks")
        .hasMessageContaining("we are " + PAY);
    assertThat(engines.clientError).isNotNull();
  }

  @Test
  void anExpiredServerGetsTheProperAlert() throws Exception {
    Instant end = Instant.now().minusSeconds(180);
    shop.publish(authority.identity(SHOP, lastHour()));
    pay.publish(authority.identity(PAY, expired(end)));
    MeshTls slowClock = serverKind.open(pay, () -> end.minusSeconds(1));
    Engines engines =
        new Engines(client.client(SpiffeId.parse(PAY), REMOTE), slowClock.server()).handshake();

    assertThat(engines.clientError).hasMessageContaining("certificate of " + PAY + " expired 3m");
    // The TLS of some updates of 17 has no alert for it.
    assertThat(engines.serverError)
        .message()
        .containsAnyOf(
            "certificate_expired",
            clientKind.name().equals("JSSE") ? "certificate_unknown" : "certificate_expired");
  }

  private static Consumer<Leaf> expired(Instant end) {
    return leaf -> {
      leaf.from = end.minusSeconds(60);
      leaf.until = end;
    };
  }

  private static Consumer<Leaf> lastHour() {
    return leaf -> leaf.from = Instant.now().minus(Duration.ofHours(1));
  }

  @Test
  void aRootOutsideTheBundleIsRefused() throws Exception {
    goodIdentities();
    TestAuthority stranger = TestAuthority.create("CN=stranger");
    shop.publish(stranger.identity(SHOP).withBundle(List.of(authority.root)));
    Engines engines = handshake();

    assertThat(engines.serverError)
        .hasMessageContaining("certificate of " + SHOP + " comes from no root of our trust bundle")
        .hasMessageContaining("CN=stranger");
  }

  @Test
  void aRootOfTheSameNameButAnotherKeyIsRefused() throws Exception {
    goodIdentities();
    shop.publish(TestAuthority.create().identity(SHOP).withBundle(List.of(authority.root)));

    assertThat(handshake().serverError).hasMessageContaining("certificate of " + SHOP);
  }

  @Test
  void severalRootsServeDuringARotation() throws Exception {
    TestAuthority next = TestAuthority.create();
    shop.publish(authority.identity(SHOP).withBundle(List.of(authority.root, next.root)));
    pay.publish(next.identity(PAY).withBundle(List.of(next.root, authority.root)));

    assertThat(handshake().ok()).isTrue();
  }

  @Test
  void theBundleIsReadAnewForEachHandshake() throws Exception {
    goodIdentities();
    TestAuthority next = TestAuthority.create("CN=next");
    pay.publish(next.identity(PAY).withBundle(List.of(authority.root)));
    assertThat(handshake().ok()).isFalse();

    shop.trust(List.of(authority.root, next.root));
    assertThat(handshake().ok()).isTrue();
  }

  @Test
  void intermediatesAreFollowedToTheRoot() throws Exception {
    goodIdentities();
    TestAuthority below = authority.intermediate("CN=below");
    KeyPair keys = TestAuthority.keyPair("EC");
    var leaf = below.leaf(keys.getPublic(), SHOP, any -> {});
    shop.publish(
        new Identity(
            SpiffeId.parse(SHOP),
            keys.getPrivate(),
            List.of(leaf, below.root, authority.root),
            List.of(authority.root)));
    assertThat(handshake().ok()).isTrue();

    shop.publish(
        new Identity(
            SpiffeId.parse(SHOP), keys.getPrivate(), List.of(leaf), List.of(authority.root)));
    assertThat(handshake().ok()).isFalse();
  }

  @Test
  void rsaIdentitiesServeToo() throws Exception {
    KeyPair keys = TestAuthority.keyPair("RSA");
    shop.publish(
        new Identity(
            SpiffeId.parse(SHOP),
            keys.getPrivate(),
            List.of(authority.leaf(keys.getPublic(), SHOP, leaf -> {})),
            List.of(authority.root)));
    pay.publish(authority.identity(PAY));

    assertThat(handshake().ok()).isTrue();
  }

  @Test
  void aClientWithoutCertificateIsRefused() throws Exception {
    goodIdentities();
    SSLEngine bare = Rogue.client(new IdentityStore(), any -> {});

    assertThat(new Engines(bare, server.server()).handshake().serverError)
        .satisfiesAnyOf(
            error -> assertThat(error).hasMessageContaining("Empty client certificate chain"),
            error -> assertThat(error).hasMessageContaining("did not return a certificate"));
  }

  @Test
  void aClientWithoutOurAlpnIsRefused() throws Exception {
    goodIdentities();
    SSLEngine none = Rogue.client(shop, any -> any.setApplicationProtocols(new String[0]));
    SSLEngine other = Rogue.client(shop, any -> any.setApplicationProtocols(new String[] {"h2"}));

    assertThat(new Engines(none, server.server()).handshake().serverError)
        .hasMessageContaining("does not speak the mesh's ALPN protocol");
    assertThat(new Engines(other, server.server()).handshake().serverError)
        .satisfiesAnyOf(
            error -> assertThat(error).hasMessageContaining("application layer protocol"),
            error -> assertThat(error).hasMessageContaining("the mesh's ALPN protocol"));
  }

  @Test
  void aClientThatKeepsToTheRulesIsWelcome() throws Exception {
    goodIdentities();

    assertThat(new Engines(Rogue.client(shop, any -> {}), server.server()).handshake().ok())
        .isTrue();
  }

  @Test
  void onlyTls13IsSpoken() throws Exception {
    goodIdentities();
    SSLEngine old = Rogue.client(shop, any -> any.setProtocols(new String[] {"TLSv1.2"}));

    assertThat(new Engines(old, server.server()).handshake().ok()).isFalse();
  }

  @Test
  void withoutIdentityThereIsNoEngine() throws Exception {
    assertThatThrownBy(server::server)
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("no mesh identity yet");
    goodIdentities();
    assertThat(server.server()).isNotNull();
  }

  @Test
  void anExpiredIdentityOfOurOwnIsSaidHere() {
    shop.publish(
        authority.identity(
            SHOP,
            leaf -> {
              leaf.from = Instant.now().minusSeconds(60);
              leaf.until = Instant.now().minusSeconds(10);
            }));

    assertThatThrownBy(() -> client.client(SpiffeId.parse(PAY), REMOTE))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("certificate of this workload, " + SHOP + ", expired");
  }

  @Test
  void aRenewalBetweenKeyAndChainDoesNotMixThem() {
    goodIdentities();
    SvidKeyManager keys = new SvidKeyManager(shop);
    Identity before = shop.current();
    String alias = keys.chooseEngineServerAlias("EC", null, null);
    shop.publish(authority.identity(SHOP));

    assertThat(keys.getPrivateKey(alias)).isEqualTo(before.key());
    assertThat(keys.getCertificateChain(alias)).containsExactly(before.leaf());
    assertThat(keys.chooseEngineServerAlias("RSA", null, null)).isNull();
  }

  @Test
  void theApplicationsProvidersTakeNoPart() throws Exception {
    goodIdentities();
    var jsse = Security.getProvider("SunJSSE");
    int place = List.of(Security.getProviders()).indexOf(jsse) + 1;
    Security.removeProvider("SunJSSE");
    try {
      assertThat(handshake().ok()).isTrue();
      assertThat(clientKind.open(shop).server()).isNotNull();
    } finally {
      Security.insertProviderAt(jsse, place);
    }
  }
}
