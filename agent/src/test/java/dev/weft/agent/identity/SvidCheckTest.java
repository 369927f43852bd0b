package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.of;

import dev.weft.agent.identity.TestAuthority.Leaf;
import dev.weft.policy.SpiffeId;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Certificates one by one, without TLS around them: engines refuse some by themselves and would
 * hide that the check does.
 */
class SvidCheckTest {
  private static final String SHOP = "spiffe://a.test/ns/default/sa/shop";
  private static final TestAuthority AUTHORITY = TestAuthority.create();
  private static final KeyPair KEYS = TestAuthority.keyPair("EC");

  static Stream<Arguments> offences() {
    return Stream.of(
        of("no name", names(), "expected exactly one URI"),
        of("a host only", change(leaf -> hostOnly(leaf)), "expected exactly one URI"),
        of("two URIs", names(SHOP, SHOP + "2"), "expected exactly one URI"),
        of("the same URI twice", names(SHOP, SHOP), "expected exactly one URI"),
        of("no SPIFFE ID", names("https://a.test/ns/default/sa/shop"), "not a SPIFFE ID"),
        of("another scheme's case", names("SPIFFE://a.test/ns/default/sa/shop"), "SPIFFE ID"),
        of("no path", names("spiffe://a.test"), "expected spiffe://<trust domain>"),
        of("another path", names("spiffe://a.test/workload/shop"), "expected spiffe://"),
        of("a path too long", names(SHOP + "/x"), "expected spiffe://"),
        of("a trailing slash", names(SHOP + "/"), "expected spiffe://"),
        of("an empty namespace", names("spiffe://a.test/ns//sa/shop"), "namespace"),
        of("a step up", names("spiffe://a.test/ns/../sa/shop"), "namespace"),
        of("percent coding", names("spiffe://a.test/ns/default/sa/%2e%2e"), "illegal character"),
        of("upper case", names("spiffe://A.test/ns/default/sa/shop"), "illegal character"),
        of("a port", names("spiffe://a.test:443/ns/default/sa/shop"), "illegal character"),
        of("a user", names("spiffe://me@a.test/ns/default/sa/shop"), "illegal character"),
        of("a query", names(SHOP + "?x"), "illegal character"),
        of("a fragment", names(SHOP + "#x"), "illegal character"),
        of("2049 bytes", names(SHOP + "x".repeat(2049 - SHOP.length())), "longer than 2048"),
        of("an address", names("spiffe://10.0.0.1/ns/default/sa/shop"), "trust domain a.test"),
        of("another trust domain", names("spiffe://b.test/ns/default/sa/shop"), "trust domain"),
        of("a subdomain", names("spiffe://x.a.test/ns/default/sa/shop"), "trust domain"),
        of("an authority", change(leaf -> leaf.ca = true), "is an authority's"),
        of("no usage", change(leaf -> leaf.usage = null), "lacks the key usage"),
        of(
            "encipherment only",
            change(leaf -> leaf.usage = KeyUsage.keyEncipherment),
            "lacks the key usage digitalSignature"),
        of(
            "signs certificates",
            change(leaf -> leaf.usage = KeyUsage.digitalSignature | KeyUsage.keyCertSign),
            "may sign certificates"),
        of(
            "signs lists",
            change(leaf -> leaf.usage = KeyUsage.digitalSignature | KeyUsage.cRLSign),
            "may sign certificates or CRLs"),
        of(
            "for servers only",
            change(leaf -> leaf.extended = List.of(KeyPurposeId.id_kp_serverAuth)),
            "must be for server and client"),
        of(
            "for clients only",
            change(leaf -> leaf.extended = List.of(KeyPurposeId.id_kp_clientAuth)),
            "must be for server and client"),
        of(
            "for mail",
            change(leaf -> leaf.extended = List.of(KeyPurposeId.id_kp_emailProtection)),
            "must be for server and client"),
        of("expired", change(leaf -> leaf.until = ago(1)), "expired 1m"),
        of("not yet valid", change(leaf -> leaf.from = ago(-10)), "is valid only in"));
  }

  private static Consumer<Leaf> change(Consumer<Leaf> change) {
    return change;
  }

  private static Consumer<Leaf> names(String... uris) {
    return leaf -> leaf.uris = List.of(uris);
  }

  private static void hostOnly(Leaf leaf) {
    leaf.uris = List.of();
    leaf.hosts = List.of("shop.a.test");
  }

  private static Instant ago(int minutes) {
    return Instant.now().minus(Duration.ofMinutes(minutes)).minusSeconds(5);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("offences")
  void aCertificateThatProvesNoIdentityOfOursIsRefused(
      String name, Consumer<Leaf> change, String message) {
    assertRefused(message, AUTHORITY.leaf(KEYS.getPublic(), SHOP, leaf -> old(leaf, change)));
  }

  /** So that those which have expired once were valid. */
  private static void old(Leaf leaf, Consumer<Leaf> change) {
    leaf.from = ago(60);
    change.accept(leaf);
  }

  static Stream<Arguments> virtues() {
    return Stream.of(
        of("as the authority makes it", change(leaf -> {})),
        of("a host beside the ID", change(leaf -> leaf.hosts = List.of("shop.a.test"))),
        of(
            "for any use",
            change(leaf -> leaf.extended = List.of(KeyPurposeId.anyExtendedKeyUsage))),
        of("for no use in particular", change(leaf -> leaf.extended = List.of())),
        of("no subject", change(leaf -> nameless(leaf))),
        of(
            "2048 bytes",
            change(leaf -> leaf.uris = List.of(SHOP + "x".repeat(2048 - SHOP.length())))),
        of("upper case in the path", change(leaf -> leaf.uris = List.of(SHOP + "XY"))));
  }

  private static void nameless(Leaf leaf) {
    leaf.subject = "";
    leaf.critical = true; // RFC 5280, section 4.2.1.6
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("virtues")
  void aCertificateThatDoesIsTaken(String name, Consumer<Leaf> change) throws Exception {
    X509Certificate leaf = AUTHORITY.leaf(KEYS.getPublic(), SHOP, change);

    assertThat(check(leaf).toString()).startsWith(SHOP);
  }

  @Test
  void aWeakKeyIsRefused() throws Exception {
    assertRefused("RSA of 1024 bits", AUTHORITY.leaf(rsa(1024).getPublic(), SHOP, leaf -> {}));
    KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
    curve.initialize(new ECGenParameterSpec("secp521r1"));
    assertThat(check(AUTHORITY.leaf(curve.generateKeyPair().getPublic(), SHOP, leaf -> {})))
        .isEqualTo(SpiffeId.parse(SHOP));
    assertThat(check(AUTHORITY.leaf(rsa(2048).getPublic(), SHOP, leaf -> {})))
        .isEqualTo(SpiffeId.parse(SHOP));
  }

  private static KeyPair rsa(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  @Test
  void aLeafThatSignedItselfUnderTheRootsNameIsRefused() {
    TestAuthority impostor = TestAuthority.create();

    assertRefused("no valid path", impostor.leaf(KEYS.getPublic(), SHOP, leaf -> {}));
  }

  @Test
  void anIntermediateOfAnotherRootIsRefused() {
    TestAuthority below = TestAuthority.create("CN=stranger").intermediate("CN=below");

    assertRefused("comes from no root", below.leaf(KEYS.getPublic(), SHOP, leaf -> {}), below.root);
  }

  @Test
  void aLeafThatSignsForAnotherIsRefused() {
    KeyPair keys = TestAuthority.keyPair("EC");
    X509Certificate good = AUTHORITY.leaf(keys.getPublic(), SHOP, leaf -> {});
    X509Certificate forged =
        TestAuthority.usurper(keys, good).leaf(KEYS.getPublic(), SHOP, any -> {});

    assertThatThrownBy(() -> check(forged, good))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("no valid path");
  }

  @Test
  void aChainOfElevenIsRefusedUnread() {
    TestAuthority authority = AUTHORITY;
    List<X509Certificate> chain = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      authority = authority.intermediate("CN=below " + i);
      chain.add(authority.root);
    }
    chain.add(authority.leaf(KEYS.getPublic(), SHOP, leaf -> {}));
    Collections.reverse(chain);

    assertRefused("11 certificates, 10 are allowed", chain.toArray(X509Certificate[]::new));
  }

  @Test
  void aLoopOfAuthoritiesIsRefused() {
    TestAuthority one = TestAuthority.create("CN=one");
    TestAuthority two = TestAuthority.create("CN=two");
    X509Certificate oneByTwo = two.crossSign(one);
    X509Certificate twoByOne = one.crossSign(two);
    X509Certificate leaf = one.leaf(KEYS.getPublic(), SHOP, any -> {});

    assertRefused(
        "the certificate of " + SHOP, leaf, oneByTwo, twoByOne, oneByTwo, twoByOne, oneByTwo);
  }

  @Test
  void noCertificateIsNoIdentity() {
    assertRefused("sent no certificate");
  }

  private static void assertRefused(String message, X509Certificate... chain) {
    assertThatThrownBy(() -> check(chain))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining(message);
  }

  private static SpiffeId check(X509Certificate... chain) throws CertificateException {
    return SvidCheck.check(chain, List.of(AUTHORITY.root), "a.test", Instant.now());
  }
}
