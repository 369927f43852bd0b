package dev.weft.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.policy.SpiffeId;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.state.StateFolder;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidPathsTest {
  private static final SpiffeId PAY = new SpiffeId("cluster.local", "default", "pay");
  private static final SecureRandom RANDOM = new SecureRandom();

  private CertificateAuthority authority;

  @BeforeEach
  void embed(@TempDir Path folder) throws Exception {
    authority = authority(folder.resolve("ours"));
  }

  private static CertificateAuthority authority(Path folder) throws Exception {
    return CertificateAuthority.embedded(StateFolder.open(folder), RANDOM, InstantSource.system());
  }

  private static IssuedSvid issue(CertificateAuthority by) {
    return by.issue(
        PAY, "pay", CertificateAuthority.newKeyPair(RANDOM).getPublic(), Duration.ofHours(1));
  }

  @Test
  void aPathIsKnownUntilItEnds() throws Exception {
    List<X509Certificate> path = issue(authority).chain();
    ValidPaths paths = new ValidPaths();
    Instant now = Instant.now();

    assertThat(paths.know(path, now)).isFalse();
    paths.add(path);

    assertThat(paths.know(path, now)).isTrue();
    assertThat(paths.know(path, now.plus(Duration.ofHours(2)))).isFalse();
    assertThat(paths.know(path, now.minus(Duration.ofDays(1)))).isFalse();
    assertThat(paths.know(List.of(path.get(0), authority.root()), now)).isFalse();
    assertThat(paths.know(issue(authority).chain(), now)).isFalse();
  }

  @Test
  void theLongestUnusedIsForgotten() throws Exception {
    ValidPaths paths = new ValidPaths(2);
    List<X509Certificate> used = issue(authority).chain();
    List<X509Certificate> unused = issue(authority).chain();
    Instant now = Instant.now();

    paths.add(used);
    paths.add(unused);
    assertThat(paths.know(used, now)).isTrue();
    paths.add(issue(authority).chain());

    assertThat(paths.know(used, now)).isTrue();
    assertThat(paths.know(unused, now)).isFalse();
  }

  @Test
  void aCertificateThatDiffersFromAKnownOneIsJudgedByItself(@TempDir Path folder) throws Exception {
    SvidVerifier verifier = new SvidVerifier(authority.bundle());
    IssuedSvid ours = issue(authority);
    verifier.vouch(ours);
    assertThat(verifier.verify(ours.chain(), "cluster.local", Instant.now()).spiffeId())
        .isEqualTo(PAY);

    byte[] forged = ours.leaf().getEncoded();
    forged[forged.length - 1] ^= 1; // in the signature
    X509Certificate forgery =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(forged));
    IssuedSvid theirs = issue(authority(folder.resolve("theirs")));
    for (X509Certificate strange : List.of(forgery, theirs.leaf())) {
      assertThatThrownBy(() -> verifier.verify(List.of(strange), "cluster.local", Instant.now()))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("is not accepted");
    }
    assertThatThrownBy(
            () ->
                verifier.verify(
                    ours.chain(), "cluster.local", Instant.now().plus(Duration.ofHours(2))))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("expired");
  }
}
