package dev.weft.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  private Registration registration(X509Certificate any, String account) throws Refusal {
    return Registration.of(
        new WatchRequest(
            WatchRequest.PROTOCOL,
            UUID.randomUUID().toString(),
            new WatchRequest.Claim(account, Map.of(), Optional.empty(), Map.of()),
            List.of(),
            Optional.empty()),
        new Svid(new SpiffeId("cluster.local", "default", account), any),
        "127.0.0.1",
        Instant.EPOCH);
  }

  @Test
  void oneIdentityHasNoMoreThanItsShareOfWatchesAndOthersHaveTheirs() throws Exception {
    X509Certificate any =
        CertificateAuthority.embedded(
                StateFolder.open(folder), new SecureRandom(), InstantSource.system())
            .root();
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
}
