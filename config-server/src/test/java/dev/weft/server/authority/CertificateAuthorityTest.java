package dev.weft.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.SpiffeId;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
  private static final SpiffeId PAY = new SpiffeId("cluster.local", "default", "pay");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final InstantSource CLOCK = InstantSource.system();

  @TempDir Path folder;
  private StateFolder state;

  @BeforeEach
  void open() throws IOException {
    state = StateFolder.open(folder.resolve("state"));
  }

  private static KeyPair key() {
    return CertificateAuthority.newKeyPair(RANDOM);
  }

  private CertificateAuthority embedded() throws IOException {
    return CertificateAuthority.embedded(state, RANDOM, CLOCK);
  }

  @Test
  void theEmbeddedRootIsMadeOnceAndLivesForTenYears() throws Exception {
    X509Certificate root = embedded().root();

    assertThat(embedded().root()).isEqualTo(root);
    assertThat(root.getBasicConstraints()).isNotNegative();
    assertThat(Duration.between(Instant.now(), root.getNotAfter().toInstant()).toDays())
        .isBetween(3648L, 3650L);
    assertThat(CertificateAuthority.pin(root)).matches("[A-Za-z0-9_-]{43}");
  }

  @Test
  void aRootWithoutItsKeyIsNotSilentlyReplaced() throws Exception {
    embedded();
    state.delete("ca/root.key");

    assertThatThrownBy(this::embedded)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("root.key");
  }

  @Test
  void aKeyWithoutItsRootIsAStartThatDidNotFinish() throws Exception {
    embedded();
    state.delete("ca/root.pem");

    assertThat(embedded().root()).isNotNull();
  }

  @Test
  void twoCertificatesHaveDifferentSerials() throws Exception {
    CertificateAuthority authority = embedded();
    KeyPair key = key();

    assertThat(authority.issue(PAY, "pay", key.getPublic(), Duration.ofHours(1)).leaf())
        .isNotEqualTo(authority.issue(PAY, "pay", key.getPublic(), Duration.ofHours(1)).leaf());
  }

  @Test
  void anOperatorsIntermediateStandsInTheChainAndItsRootInTheBundle() throws Exception {
    KeyPair rootKey = key();
    X509Certificate root = ca("CN=their root", rootKey, "CN=their root", rootKey, true);
    KeyPair signingKey = key();
    X509Certificate signing = ca("CN=their mesh", signingKey, "CN=their root", rootKey, true);

    CertificateAuthority authority =
        supplied(Pem.of(signing) + Pem.of(root), Pem.of(signingKey.getPrivate()));
    IssuedSvid svid = authority.issue(PAY, "pay", key().getPublic(), Duration.ofHours(1));

    assertThat(authority.bundle()).containsExactly(root);
    assertThat(svid.chain()).hasSize(2).element(1).isEqualTo(signing);
    assertThat(
            new SvidVerifier(authority.bundle())
                .verify(svid.chain(), "cluster.local", Instant.now())
                .spiffeId())
        .isEqualTo(PAY);
    assertThat(state.readText(CertificateAuthority.BUNDLE_FILE)).contains(Pem.of(root));
  }

  @Test
  void anOperatorsLeafOrForeignKeyIsRefusedAtTheStart() throws Exception {
    KeyPair key = key();
    String leaf = Pem.of(ca("CN=leaf", key, "CN=leaf", key, false));
    String root = Pem.of(ca("CN=root", key, "CN=root", key, true));

    assertThatThrownBy(() -> supplied(leaf, Pem.of(key.getPrivate())))
        .hasMessageContaining("is not a CA certificate");
    assertThatThrownBy(() -> supplied(root, Pem.of(key().getPrivate())))
        .hasMessageContaining("private key does not belong");
    assertThatThrownBy(() -> supplied("nothing", Pem.of(key.getPrivate())))
        .hasMessageContaining("no CERTIFICATE block");
    assertThat(supplied(root, Pem.of(key.getPrivate()))).isNotNull();
  }

  private CertificateAuthority supplied(String certificates, String key) throws IOException {
    return CertificateAuthority.supplied(
        state,
        Files.writeString(folder.resolve("ca.pem"), certificates),
        Files.writeString(folder.resolve("ca.key"), key),
        RANDOM,
        CLOCK);
  }

  private static X509Certificate ca(
      String subject, KeyPair subjectKey, String issuer, KeyPair issuerKey, boolean authority)
      throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    new X500Name(issuer),
                    new BigInteger(64, RANDOM),
                    Date.from(Instant.now().minusSeconds(60)),
                    Date.from(Instant.now().plusSeconds(3600)),
                    new X500Name(subject),
                    subjectKey.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(authority))
                .build(
                    new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate())));
  }

  @Test
  void aLeafDoesNotOutliveItsIssuer() throws Exception {
    CertificateAuthority authority = embedded();

    IssuedSvid svid = authority.issue(PAY, "pay", key().getPublic(), Duration.ofDays(36_500));

    assertThat(svid.notAfter()).isEqualTo(authority.root().getNotAfter().toInstant());
  }

  @Test
  void theVerifierWantsAnSvidOfItsTrustDomain() throws Exception {
    CertificateAuthority authority = embedded();
    SvidVerifier verifier = new SvidVerifier(authority.bundle());
    List<X509Certificate> chain =
        authority.issue(PAY, "pay", key().getPublic(), Duration.ofHours(1)).chain();

    assertThat(verifier.verify(chain, "cluster.local", Instant.now()).spiffeId()).isEqualTo(PAY);
    assertThatThrownBy(() -> verifier.verify(chain, "other.test", Instant.now()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("other.test");
    assertThatThrownBy(() -> verifier.verify(authority.bundle(), "cluster.local", Instant.now()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("exactly one URI name");
  }

  @Test
  void aWorkloadIsNoConfigServer() throws Exception {
    CertificateAuthority authority = embedded();
    SvidVerifier verifier = new SvidVerifier(authority.bundle());
    ServerCertificate server = serverCertificate(authority, Duration.ofHours(1), new ArrayList<>());
    List<X509Certificate> servers =
        List.of(server.getCertificateChain(server.getServerAliases("EC", null)[0]));

    verifier.verifyServer(servers, Instant.now());
    assertThatThrownBy(
            () ->
                verifier.verifyServer(
                    authority.issue(PAY, "pay", key().getPublic(), Duration.ofHours(1)).chain(),
                    Instant.now()))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining(PAY.toString());
  }

  @Test
  void theServersCertificateRenewsItselfAndKeepsKeyAndChainTogether() throws Exception {
    List<String> log = new ArrayList<>();
    ServerCertificate server = serverCertificate(embedded(), Duration.ofSeconds(2), log);
    String before = server.getServerAliases("EC", null)[0];
    X509Certificate first = server.getCertificateChain(before)[0];
    ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    try {
      server.renewOn(scheduler);
      await().until(() -> !server.getServerAliases("EC", null)[0].equals(before));

      // A handshake that chose the old one goes on with the old one.
      assertThat(server.getCertificateChain(before)[0]).isEqualTo(first);
      assertThat(server.getPrivateKey(before))
          .isNotEqualTo(server.getPrivateKey(server.getServerAliases("EC", null)[0]));
    } finally {
      scheduler.shutdownNow();
    }
  }

  private static ServerCertificate serverCertificate(
      CertificateAuthority authority, Duration life, List<String> log) {
    return new ServerCertificate(
        authority,
        "cluster.local",
        List.of("localhost", "127.0.0.1", "::1"),
        life,
        RANDOM,
        CLOCK,
        Log.to(log::add));
  }
}
