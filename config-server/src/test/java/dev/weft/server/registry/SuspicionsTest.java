package dev.weft.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.SpiffeId;
import dev.weft.policy.compile.Workload;
import dev.weft.server.authority.CertificateAuthority;
import dev.weft.server.authority.Svid;
import dev.weft.server.log.Log;
import dev.weft.server.protocol.WatchRequest;
import dev.weft.server.registry.Suspicions.Answer;
import dev.weft.server.state.StateFolder;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is believed that nobody gets through to a workload. */
class SuspicionsTest {
  private static final String WEB = "spiffe://cluster.local/ns/default/sa/web";
  private static final String ORDERS = "spiffe://cluster.local/ns/default/sa/orders";

  @TempDir Path folder;
  private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(1);
  private final Registry registry = new Registry(Registry.LEASE, scheduler, Log.to(line -> {}));
  private final Map<String, Answer> answers = new HashMap<>();
  private final List<String> probed = new ArrayList<>();
  private long now = 1;
  private final Suspicions suspicions =
      new Suspicions(
          () -> now,
          (address, port, answer) -> {
            String at = text(address) + ":" + port;
            probed.add(at);
            answer.accept(answers.getOrDefault(at, Answer.NONE));
          },
          registry);
  private X509Certificate any;

  @BeforeEach
  void make() throws Exception {
    any =
        CertificateAuthority.embedded(
                StateFolder.open(folder), new SecureRandom(), InstantSource.system())
            .root();
  }

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
  }

  private static String text(InetAddress address) {
    return address.getHostAddress();
  }

  /** Instances 10.0.0.1, 10.0.0.2 ... of pay, on two ports each. */
  private void pays(int count) throws Exception {
    for (int i = 1; i <= count; i++) {
      register("pay", "10.0.0." + i, "10.0.0." + i);
    }
  }

  private void register(String service, String address, String remote) throws Exception {
    registry.open(
        Registration.of(
            new WatchRequest(
                WatchRequest.PROTOCOL,
                UUID.randomUUID().toString(),
                new WatchRequest.Claim(service, Map.of(), Optional.of(address), Map.of()),
                List.of(8080, 9090),
                Optional.empty()),
            new Svid(new SpiffeId("cluster.local", "default", service), any),
            remote,
            Instant.EPOCH));
  }

  private void pass(Duration time) {
    now += time.toNanos();
    suspicions.judge();
  }

  private void complain(String identity, String... endpoints) {
    suspicions.complain(identity, List.of(endpoints));
    suspicions.judge();
  }

  private List<String> suspects() {
    List<String> suspects = new ArrayList<>();
    for (Registration registration : registry.registrations()) {
      Workload workload = registration.workload();
      workload.traits().suspects().forEach(port -> suspects.add(workload.address() + ":" + port));
    }
    return suspects;
  }

  @Test
  void oneIdentityAloneTakesNobodysTrafficAwayHoweverOftenItComplains() throws Exception {
    pays(4);

    for (int i = 0; i < 100; i++) {
      complain(WEB, "10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080", "10.0.0.4:8080");
      pass(Duration.ofSeconds(1));
    }

    assertThat(suspects()).isEmpty();
    complain(ORDERS, "10.0.0.1:8080");
    assertThat(suspects()).as("the twin: a second identity").containsExactly("10.0.0.1:8080");
  }

  @Test
  void whereOneIdentityComplainsTheServersOwnRefusedConnectDecides() throws Exception {
    pays(4);
    answers.put("10.0.0.1:8080", Answer.REFUSED);
    answers.put("10.0.0.2:8080", Answer.NONE);
    answers.put("10.0.0.3:8080", Answer.CONNECTED);

    complain(WEB, "10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080");
    pass(Duration.ofSeconds(1));

    assertThat(suspects()).containsExactly("10.0.0.1:8080");
  }

  @Test
  void neverMoreThanHalfOfAServicesEndpointsOfAPort() throws Exception {
    pays(5);
    String[] all =
        IntStream.rangeClosed(1, 5).mapToObj(i -> "10.0.0." + i + ":8080").toArray(String[]::new);

    complain(WEB, all);
    complain(ORDERS, all);

    assertThat(suspects()).hasSize(2);
    complain(WEB, "10.0.0.1:9090");
    complain(ORDERS, "10.0.0.1:9090");
    assertThat(suspects()).as("another port has its own half").contains("10.0.0.1:9090");
  }

  @Test
  void theOnlyEndpointStays() throws Exception {
    pays(1);

    complain(WEB, "10.0.0.1:8080");
    complain(ORDERS, "10.0.0.1:8080");

    assertThat(suspects()).isEmpty();
  }

  /** One of them was killed and still has its lease; the other one was started in its place. */
  @Test
  void twoWhoShareAnAddressAreNoTwoEndpoints() throws Exception {
    register("pay", "10.0.0.1", "10.0.0.1");
    register("pay", "10.0.0.1", "10.0.0.1");

    complain(WEB, "10.0.0.1:8080");
    complain(ORDERS, "10.0.0.1:8080");

    assertThat(suspects()).isEmpty();
  }

  @Test
  void complaintsCountTogetherOnlyWithinTheWindow() throws Exception {
    pays(2);
    complain(WEB, "10.0.0.1:8080");
    pass(Suspicions.WINDOW.plusSeconds(1));

    complain(ORDERS, "10.0.0.1:8080");

    assertThat(suspects()).isEmpty();
    complain(WEB, "10.0.0.1:8080");
    assertThat(suspects()).containsExactly("10.0.0.1:8080");
  }

  @Test
  void aSuspectThatTheServerGetsThroughToComesBack() throws Exception {
    pays(2);
    complain(WEB, "10.0.0.1:8080");
    complain(ORDERS, "10.0.0.1:8080");
    pass(Duration.ofSeconds(20));
    assertThat(suspects()).as("nobody answers the probe").hasSize(1);

    answers.put("10.0.0.1:8080", Answer.CONNECTED);
    pass(Suspicions.PROBE_EVERY);
    pass(Duration.ofSeconds(1));

    assertThat(suspects()).isEmpty();
  }

  @Test
  void aSuspectOfWhomNobodyComplainsAnyMoreComesBackWithoutAProbe() throws Exception {
    pays(2);
    complain(WEB, "10.0.0.1:8080");
    complain(ORDERS, "10.0.0.1:8080");

    pass(Suspicions.LONGEST.minusSeconds(1));
    assertThat(suspects()).hasSize(1);
    pass(Duration.ofSeconds(1));
    assertThat(suspects()).isEmpty();
  }

  @Test
  void theServerConnectsOnlyToWhereAWorkloadsOwnAgentConnectsFrom() throws Exception {
    register("pay", "10.9.9.9", "10.0.0.1"); // as claimed: it may be anybody's
    register("pay", "10.0.0.2", "10.0.0.2");

    complain(WEB, "10.9.9.9:8080", "10.0.0.2:8080", "10.0.0.2:22", "nobody", "10.0.0.2:http");
    pass(Duration.ofSeconds(1));

    assertThat(probed).containsOnly("10.0.0.2:8080");
  }

  @Test
  void aPortIsProbedOnceInAWhileHoweverOftenSomebodyComplains() throws Exception {
    pays(2);

    for (int i = 0; i < 20; i++) {
      complain(WEB, "10.0.0.1:8080");
      pass(Duration.ofMillis(100));
    }

    assertThat(probed).hasSize(1);
  }

  @Test
  void complaintsOfOneIdentityAreBounded() throws Exception {
    pays(2);
    List<String> flood = IntStream.range(1, 60_000).mapToObj(port -> "10.0.0.1:" + port).toList();

    suspicions.complain(WEB, flood);
    suspicions.complain(WEB, List.of("10.0.0.2:9090"));
    suspicions.judge();
    complain(ORDERS, "10.0.0.2:9090");
    assertThat(suspects()).as("what came after its share is lost").isEmpty();

    complain(WEB, "10.0.0.2:9090");
    assertThat(suspects()).containsExactly("10.0.0.2:9090");
  }
}
