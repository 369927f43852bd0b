package dev.weft.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.SpiffeId;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Svid;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.WatchRequest;
import dev.weft.server.state.StateFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryStoreTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Log log = Log.to(lines::add);
  private final List<Registration> present = new CopyOnWriteArrayList<>();
  private final AtomicInteger written = new AtomicInteger();
  private Duration absent = Duration.ZERO;
  private StateFolder state;
  private CertificateAuthority authority;

  @BeforeEach
  void open() throws Exception {
    state = StateFolder.open(folder);
    authority = CertificateAuthority.embedded(state, new SecureRandom(), InstantSource.system());
  }

  private Registration arrives(String trustDomain) throws Exception {
    Registration registration =
        Registration.of(
            new WatchRequest(
                WatchRequest.PROTOCOL,
                UUID.randomUUID().toString(),
                new WatchRequest.Claim(
                    "pay",
                    Map.of("tier", "gold"),
                    Optional.of("10.0.0.1"),
                    Map.of("http", 8080),
                    Optional.of("eu/eu-1"),
                    Optional.of(3)),
                List.of(8080),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Map.of(8080, "http"),
                Optional.of("failing")),
            new Svid(new SpiffeId(trustDomain, "default", "pay"), authority.root()),
            "10.0.0.1",
            Instant.EPOCH);
    present.add(registration);
    return registration;
  }

  private RegistryStore store(Duration every) {
    return new RegistryStore(
        state,
        () -> {
          written.incrementAndGet();
          return present.stream().map(each -> new Remembered(each, absent)).toList();
        },
        every,
        log);
  }

  private List<Registration> read() {
    return RegistryStore.read(state, "cluster.local", log).stream()
        .map(Remembered::registration)
        .toList();
  }

  @Test
  void whatIsReadIsWhatWasWritten() throws Exception {
    try (RegistryStore store = store(LONG)) {
      arrives("cluster.local");
      arrives("cluster.local");
      store.changed();
    }

    assertThat(read()).isEqualTo(present);
    assertThat(lines).isEmpty();
  }

  @Test
  void howLongSomebodyIsAbsentIsKept() throws Exception {
    absent = Duration.ofMillis(1234);
    try (RegistryStore store = store(LONG)) {
      arrives("cluster.local");
      store.changed();
    }

    assertThat(RegistryStore.read(state, "cluster.local", log))
        .extracting(Remembered::absent)
        .containsExactly(absent);
  }

  @Test
  void whoIsOfAnotherTrustDomainIsNobodyHere() throws Exception {
    try (RegistryStore store = store(LONG)) {
      arrives("elsewhere.test");
      Registration one = arrives("cluster.local");
      store.changed();
      present.retainAll(List.of(one, present.get(0)));
    }

    assertThat(read())
        .extracting(Registration::instance)
        .containsExactly(present.get(1).instance());
  }

  @Test
  void aLoneChangeIsWrittenAtOnceAndFurtherOnesWait() throws Exception {
    try (RegistryStore store = store(LONG)) {
      arrives("cluster.local");
      store.changed();
      await().untilAsserted(() -> assertThat(read()).hasSize(1));

      arrives("cluster.local");
      store.changed();
      await().during(Duration.ofMillis(300)).untilAsserted(() -> assertThat(read()).hasSize(1));
    }

    assertThat(read()).as("the end writes what is left").hasSize(2);
  }

  @Test
  void whatHappensAfterTheEndIsNotWritten() throws Exception {
    RegistryStore store = store(Duration.ofMillis(10));
    arrives("cluster.local");
    store.changed();
    store.close();

    present.clear(); // the streams end with the server
    store.changed();
    store.close();

    assertThat(read()).hasSize(1);
  }

  @Test
  void aDiskThatFailsIsSaidOnceAndThatItIsWellAgain() throws Exception {
    Path inTheWay = Files.createDirectory(folder.resolve(RegistryStore.FILE));
    Path content = Files.createFile(inTheWay.resolve("file"));
    try (RegistryStore store = store(Duration.ofMillis(10))) {
      arrives("cluster.local");
      await()
          .until(
              () -> {
                store.changed();
                return written.get() >= 3;
              });
      assertThat(lines).filteredOn(line -> line.contains("registry state not written")).hasSize(1);

      Files.delete(content);
      Files.delete(inTheWay);
      store.changed();
      await().untilAsserted(() -> assertThat(read()).hasSize(1));
      await().untilAsserted(() -> assertThat(lines).anyMatch(l -> l.contains("written again")));
    }
  }
}
