package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WantsTest {
  private final Log log = new Log(LogLevel.ERROR, new PrintStream(new ByteArrayOutputStream()));
  private final AtomicBoolean ownThread = new AtomicBoolean();
  private final AtomicInteger sends = new AtomicInteger();
  private final Snapshots snapshots = new Snapshots(log, ownThread::get);
  private final Wants wants = snapshots.wants();
  private final MeshView named = new MeshView(snapshot(List.of()));
  private final DirectoryEntry stock = named.entry("stock.shop");

  WantsTest() {
    snapshots.publish(named);
    wants.connected(sends::incrementAndGet);
  }

  private static Snapshot snapshot(List<Service> services) {
    return new Snapshot(
        "v",
        "a.test",
        List.of(),
        new Inbound(
            "w",
            "w",
            "default",
            "spiffe://a.test/ns/default/sa/w",
            Map.of(),
            new Inbound.Mtls(MtlsMode.PERMISSIVE, "default"),
            Map.of(),
            List.of()),
        services,
        List.of(),
        MeshSettings.DEFAULT,
        Optional.empty(),
        services.isEmpty()
            ? List.of(
                new DirectoryEntry("stock", "shop", List.of("stock.shop"), "240.1.2.3"),
                new DirectoryEntry("other", "shop", List.of("other.shop"), "240.1.2.4"))
            : List.of(),
        Optional.empty());
  }

  private static MeshView arrived() {
    return new MeshView(
        snapshot(
            List.of(
                new Service(
                    "stock",
                    "shop",
                    List.of("stock.shop"),
                    "240.1.2.3",
                    List.of(new ServicePort("", 80, "")),
                    List.of(),
                    List.of()))));
  }

  @Test
  void aNameIsFoundByHostAndByAddress() {
    assertThat(stock.key()).isEqualTo("shop/stock");
    assertThat(named.entry("STOCK.shop.")).isEqualTo(stock);
    assertThat(named.entry("240.1.2.3")).isEqualTo(stock);
    assertThat(named.entry("elsewhere.shop")).isNull();
    assertThat(named.host("stock.shop")).isNull();
    assertThat(arrived().entry("stock.shop")).isNull();
  }

  @Test
  void whoCallsWaitsUntilTheServiceIsThere() throws Exception {
    CompletableFuture<MeshView> call =
        CompletableFuture.supplyAsync(() -> wants.await(stock, named));
    await().until(() -> sends.get() == 1);
    assertThat(wants.unsent()).containsExactly("shop/stock");
    MeshView later = arrived();
    snapshots.publish(later);

    assertThat(call.get(5, TimeUnit.SECONDS)).isSameAs(later);
    assertThat(wants.status().toString()).contains("wanted=1", "late=0");
  }

  @Test
  void nobodyWaitsLongerThanASecond() {
    long start = System.nanoTime();

    assertThat(wants.await(stock, named)).isSameAs(named);

    assertThat(System.nanoTime() - start).isBetween(900_000_000L, 4_000_000_000L);
    assertThat(wants.status().toString()).contains("waits=1", "late=1");
  }

  @Test
  void theAgentsOwnThreadsAskAndDoNotWait() {
    ownThread.set(true);
    long start = System.nanoTime();

    assertThat(wants.await(stock, named)).isSameAs(named);

    assertThat(System.nanoTime() - start).isLessThan(500_000_000L);
    assertThat(wants.unsent()).containsExactly("shop/stock");
  }

  @Test
  void withoutAServerNobodyWaitsInVain() throws Exception {
    CompletableFuture<MeshView> call =
        CompletableFuture.supplyAsync(() -> wants.await(stock, named));
    await().until(() -> sends.get() == 1);
    wants.connected(null);

    assertThat(call.get(900, TimeUnit.MILLISECONDS)).isSameAs(named);
    long start = System.nanoTime();
    wants.await(stock, named);
    assertThat(System.nanoTime() - start).isLessThan(500_000_000L);
  }

  @Test
  void whatWasAskedForOnceIsNamedInEveryWatch() {
    wants.ask(stock);
    wants.ask(stock);

    assertThat(sends).hasValue(1);
    assertThat(wants.all()).containsExactly("shop/stock");
    assertThat(wants.unsent()).as("the watch has told it").isEmpty();
    assertThat(wants.all()).containsExactly("shop/stock");
  }

  @Test
  void whatWasAskedForWithoutServerIsSentOnceThereIsOne() {
    wants.connected(null);
    wants.ask(stock);
    assertThat(sends).hasValue(0);

    wants.connected(sends::incrementAndGet);

    assertThat(sends).hasValue(1);
    assertThat(wants.unsent()).containsExactly("shop/stock");
  }

  @Test
  void thereIsAnEndToWishes() {
    for (int i = 0; i < Wants.MOST; i++) {
      wants.ask(new DirectoryEntry("s" + i, "shop", List.of(), "240.9.9.9"));
    }
    long start = System.nanoTime();

    assertThat(wants.await(stock, named)).isSameAs(named);

    assertThat(System.nanoTime() - start).isLessThan(500_000_000L);
    assertThat(wants.all()).hasSize(Wants.MOST).doesNotContain("shop/stock");
  }
}
