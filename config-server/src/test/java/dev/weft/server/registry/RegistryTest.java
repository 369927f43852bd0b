package dev.weft.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.SpiffeId;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Svid;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.WatchRequest;
import dev.weft.server.state.StateFolder;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
  @TempDir Path folder;
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
  private final Registry registry = new Registry(Registry.LEASE, scheduler, Log.to(line -> {}));

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
  }

  private X509Certificate any() throws Exception {
    return CertificateAuthority.embedded(
            StateFolder.open(folder), new SecureRandom(), InstantSource.system())
        .root();
  }

  private Registration registration(X509Certificate any, String account) throws Refusal {
    return registration(any, account, List.of());
  }

  private Registration registration(X509Certificate any, String account, List<Integer> listening)
      throws Refusal {
    return Registration.of(
        new WatchRequest(
            WatchRequest.PROTOCOL,
            UUID.randomUUID().toString(),
            new WatchRequest.Claim(account, Map.of(), Optional.empty(), Map.of()),
            listening,
            Optional.empty()),
        new Svid(new SpiffeId("cluster.local", "default", account), any),
        "127.0.0.1",
        Instant.EPOCH);
  }

  @Test
  void oneIdentityHasNoMoreThanItsShareOfWatchesAndOthersHaveTheirs() throws Exception {
    X509Certificate any = any();
    Registration first = registration(any, "pay");
    Registry.Stream stream = registry.open(first);
    for (int i = 1; i < Registry.MAX_PER_IDENTITY; i++) {
      registry.open(registration(any, "pay"));
    }

    assertThatThrownBy(() -> registry.open(registration(any, "pay")))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo("too-many-watches");
              assertThat(refusal.kind().status()).isEqualTo(429);
            });
    registry.open(registration(any, "orders"));
    stream = registry.open(first); // the same JVM again takes no more room
    stream.end(Registry.End.CLOSED_BY_AGENT);
    registry.open(registration(any, "pay"));
    assertThat(registry.registrations()).hasSize(Registry.MAX_PER_IDENTITY + 1);
  }

  /** It was killed while nobody could notice, and started again. */
  @Test
  void whoListensWhereSomebodyDidTakesThePlaceOfOneThatIsNotConnected() throws Exception {
    X509Certificate any = any();
    Registration killed = registration(any, "pay", List.of(8080));
    Registration elsewhere = registration(any, "pay", List.of(8081));
    Registration another = registration(any, "orders", List.of(8080));
    Registration connected = registration(any, "pay", List.of(8080));
    registry.restore(List.of(lost(killed, 0), lost(elsewhere, 0), lost(another, 0)));
    registry.open(connected);
    Registration again = registration(any, "pay");
    registry.open(again);

    registry.report(
        again.instance(),
        again.svid(),
        new Registry.Told(List.of(8080), Map.of(), Optional.empty()));

    assertThat(registry.registrations())
        .extracting(Registration::instance)
        .containsExactlyInAnyOrder(
            elsewhere.instance(), another.instance(), connected.instance(), again.instance());
  }

  private static Remembered lost(Registration registration, int seconds) {
    return new Remembered(registration, Duration.ofSeconds(seconds));
  }

  /** It died while no server ran; each further restart would give it another lease. */
  @Test
  void absenceCountsOverRestarts() throws Exception {
    X509Certificate any = any();
    Registration dead = registration(any, "pay");
    Registration late = registration(any, "pay");
    Registration connected = registration(any, "pay");
    registry.restore(List.of(lost(dead, 45), lost(late, 30), lost(connected, 30)));
    registry.open(connected);

    await().until(() -> registry.registrations().size() == 2);

    assertThat(registry.remembered())
        .extracting(each -> each.registration().instance())
        .containsExactly(late.instance(), connected.instance());
    assertThat(registry.remembered().get(0).absent()).isGreaterThan(Duration.ofSeconds(30));
    assertThat(registry.remembered().get(1).absent()).isZero();
  }
}
