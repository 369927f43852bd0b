package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerTrustTest {
  private static final String SHOP = "spiffe://cluster.local/ns/default/sa/shop";
  private static final String PAY = "spiffe://cluster.local/ns/default/sa/pay";

  private final TestAuthority authority = TestAuthority.create();
  private final IdentityStore identities = new IdentityStore();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final PeerTrust trust = new PeerTrust(identities, now::get);
  private final X509Certificate[] shop = chain(authority.identity(SHOP));

  private static X509Certificate[] chain(Identity identity) {
    return identity.chain().toArray(new X509Certificate[0]);
  }

  @BeforeEach
  void weArePay() {
    identities.publish(authority.identity(PAY));
  }

  @Test
  void aPeerOfTheBundleIsTrusted() {
    assertThat(trust.distrusts(shop)).isNull();
    assertThat(trust.self()).hasToString(PAY);
  }

  @Test
  void aPeerWhoseRootIsGoneIsNot() {
    identities.trust(List.of(TestAuthority.create("CN=other").root));

    assertThat(trust.distrusts(shop)).isNotNull();
  }

  @Test
  void aPeerWhoseRootIsOneOfSeveralIs() {
    identities.trust(List.of(TestAuthority.create("CN=new").root, authority.root));

    assertThat(trust.distrusts(shop)).isNull();
  }

  @Test
  void expiryIsAQuestionOfItsOwn() {
    assertThat(trust.expired(shop[0])).isFalse();
    assertThat(trust.selfValid()).isTrue();

    now.set(Instant.now().plus(Duration.ofDays(30)));

    assertThat(trust.expired(shop[0])).isTrue();
    assertThat(trust.selfValid()).isFalse();
    assertThat(trust.distrusts(shop)).as("the roots still vouch for what it was").isNull();
  }

  @Test
  void withoutAnIdentityNobodyIsTrusted() {
    PeerTrust nobody = new PeerTrust(new IdentityStore(), now::get);

    assertThat(nobody.distrusts(shop)).contains("no mesh identity");
    assertThat(nobody.self()).isNull();
    assertThat(nobody.selfValid()).isFalse();
  }
}
