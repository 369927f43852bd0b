package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** When a handshake may be short, and that a short one proves as much as a full one. */
@ParameterizedClass(name = "{0} client, {1} server")
@MethodSource("pairs")
class ResumptionTest {
  private static final SpiffeId SHOP = SpiffeId.parse("spiffe://a.test/ns/default/sa/shop");
  private static final SpiffeId PAY = SpiffeId.parse("spiffe://a.test/ns/default/sa/pay");
  private static final InetSocketAddress ONE = InetSocketAddress.createUnresolved("pay-1", 80);
  private static final InetSocketAddress TWO = InetSocketAddress.createUnresolved("pay-2", 80);

  private final TestAuthority authority = TestAuthority.create();
  private final IdentityStore shop = new IdentityStore();
  private final IdentityStore pay = new IdentityStore();
  private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
  private final MeshTls client;
  private final MeshTls server;

  ResumptionTest(TlsProvider clientKind, TlsProvider serverKind) {
    shop.publish(authority.identity(SHOP.toString()));
    pay.publish(authority.identity(PAY.toString()));
    client = clientKind.open(shop, this::now);
    server = serverKind.open(pay, this::now);
  }

  static Stream<Arguments> pairs() {
    return MeshTlsTest.pairs();
  }

  private Instant now() {
    return Instant.now().plus(later.get());
  }

  /** A connection whose server says a word, by which its tickets come. */
  private Talk talk(InetSocketAddress remote) throws SSLException {
    Talk talk = new Talk(client.client(PAY, remote), server.server());
    assertThat(talk.engines.ok()).isTrue();
    talk.prove();
    talk.serverSays("hello");
    return talk;
  }

  private final class Talk {
    final SSLEngine shopEngine;
    final SSLEngine payEngine;
    final Engines engines;

    Talk(SSLEngine shopEngine, SSLEngine payEngine) {
      this.shopEngine = shopEngine;
      this.payEngine = payEngine;
      this.engines = new Engines(shopEngine, payEngine).handshake();
    }

    void prove() throws SSLException {
      assertThat(client.peer(shopEngine)).isEqualTo(PAY);
      assertThat(server.peer(payEngine)).isEqualTo(SHOP);
    }

    void serverSays(String word) throws SSLException {
      assertThat(Engines.say(payEngine, shopEngine, word)).isEqualTo(word);
    }
  }

  @Test
  void aConnectionAfterAnAnswerIsResumed() throws Exception {
    talk(ONE);

    assertThat(talk(ONE).engines.certificatesSent()).isFalse();
  }

  @Test
  void theFirstConnectionIsNot() throws Exception {
    assertThat(talk(ONE).engines.certificatesSent()).isTrue();
  }

  @Test
  void aServerThatSaysNothingGivesNoTicket() throws Exception {
    Talk silent = new Talk(client.client(PAY, ONE), server.server());
    silent.prove();

    assertThat(Engines.say(silent.shopEngine, silent.payEngine, "anybody?")).isEqualTo("anybody?");
    assertThat(silent.engines.waitingForClient()).isZero();
    assertThat(talk(ONE).engines.certificatesSent()).isTrue();
  }

  @Test
  void connectionsMadeAtOnceAreAllResumed() throws Exception {
    List<Talk> first = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      first.add(new Talk(client.client(PAY, ONE), server.server()));
    }
    for (Talk talk : first) {
      talk.prove();
      talk.serverSays("hello");
    }
    List<SSLEngine> again = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      again.add(client.client(PAY, ONE));
    }

    for (SSLEngine engine : again) {
      Talk talk = new Talk(engine, server.server());
      talk.prove();
      assertThat(talk.engines.certificatesSent()).isFalse();
    }
  }

  @Test
  void aChainOfConnectionsIsResumedThroughout() throws Exception {
    talk(ONE);
    for (int i = 0; i < 20; i++) {
      assertThat(talk(ONE).engines.certificatesSent()).isFalse();
    }
  }

  @Test
  void anotherReplicaIsMetInFull() throws Exception {
    talk(ONE);

    assertThat(talk(TWO).engines.certificatesSent()).isTrue();
    assertThat(talk(ONE).engines.certificatesSent()).isFalse();
  }

  @Test
  void anotherExpectedIdentityIsMetInFullAndRefused() throws Exception {
    talk(ONE);
    SpiffeId orders = SpiffeId.parse("spiffe://a.test/ns/default/sa/orders");
    Talk wrong = new Talk(client.client(orders, ONE), server.server());

    assertThat(wrong.engines.clientError).hasMessageContaining("expected server " + orders);
  }

  @Test
  void aRenewedClientIsMetInFull() throws Exception {
    talk(ONE);
    shop.publish(authority.identity(SHOP.toString()));

    assertThat(talk(ONE).engines.certificatesSent()).isTrue();
    assertThat(talk(ONE).engines.certificatesSent()).isFalse();
  }

  @Test
  void aRenewedServerIsMetInFull() throws Exception {
    talk(ONE);
    pay.publish(authority.identity(PAY.toString()));

    assertThat(talk(ONE).engines.certificatesSent()).isTrue();
    assertThat(talk(ONE).engines.certificatesSent()).isFalse();
  }

  @Test
  void anotherBundleAtEitherEndMeansAFullHandshake() throws Exception {
    TestAuthority next = TestAuthority.create();
    talk(ONE);
    shop.trust(List.of(authority.root, next.root));
    assertThat(talk(ONE).engines.certificatesSent()).isTrue();

    pay.trust(List.of(authority.root, next.root));
    assertThat(talk(ONE).engines.certificatesSent()).isTrue();
  }

  @Test
  void aRootThatIsGoneIsTrustedInNoHandshake() throws Exception {
    talk(ONE);
    pay.trust(List.of(TestAuthority.create("CN=stranger").root));

    assertThat(new Talk(client.client(PAY, ONE), server.server()).engines.serverError)
        .hasMessageContaining("comes from no root of our trust bundle");
  }

  @Test
  void aBundleThatChangesDuringAResumedHandshakeIsTheOneThatCounts() throws Exception {
    talk(ONE);
    Talk resumed = new Talk(client.client(PAY, ONE), server.server());
    assertThat(resumed.engines.certificatesSent()).isFalse();
    shop.trust(List.of(TestAuthority.create("CN=stranger").root));

    assertThatThrownBy(() -> client.peer(resumed.shopEngine))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("comes from no root of our trust bundle")
        .hasMessageContaining("we are " + SHOP);
  }

  @Test
  void anExpiredServerIsNotResumedButRefused() throws Exception {
    pay.publish(
        authority.identity(
            PAY.toString(), leaf -> leaf.until = Instant.now().plus(Duration.ofMinutes(10))));
    talk(ONE);
    SSLEngine payEngine = server.server();
    later.set(Duration.ofMinutes(11));
    SSLEngine shopEngine = client.client(PAY, ONE);

    assertThat(new Talk(shopEngine, payEngine).engines.clientError)
        .hasMessageContaining("certificate of " + PAY + " expired");
  }

  @Test
  void anExpiredClientIsRefusedByTheServerThoughItsTicketIsGood() throws Exception {
    shop.publish(
        authority.identity(
            SHOP.toString(), leaf -> leaf.until = Instant.now().plus(Duration.ofMinutes(10))));
    talk(ONE);
    SSLEngine shopEngine = client.client(PAY, ONE); // whose own clock is right, but slow
    later.set(Duration.ofMinutes(11));
    Talk resumed = new Talk(shopEngine, server.server());
    assertThat(resumed.engines.certificatesSent()).isFalse();

    assertThatThrownBy(() -> server.peer(resumed.payEngine))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("certificate of " + SHOP + " expired")
        .hasMessageContaining("we are " + PAY);
  }

  @Test
  void aSessionLastsAnHourAtMost() throws Exception {
    talk(ONE);
    later.set(Duration.ofMinutes(61));

    assertThat(talk(ONE).engines.certificatesSent()).isTrue();
  }

  @Test
  void afterARefusalTheNextHandshakeIsFull() throws Exception {
    talk(ONE);
    talk(ONE);
    TestAuthority next = TestAuthority.create();
    Identity before = shop.current();
    Talk resumed = new Talk(client.client(PAY, ONE), server.server());
    shop.trust(List.of(next.root));
    assertThatThrownBy(() -> client.peer(resumed.shopEngine)).isInstanceOf(SSLException.class);
    shop.publish(before);

    assertThat(talk(ONE).engines.certificatesSent()).isTrue();
  }
}
