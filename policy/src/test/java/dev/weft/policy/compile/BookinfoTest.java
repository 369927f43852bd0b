package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weft.policy.Access;
import dev.weft.policy.AccessConnection;
import dev.weft.policy.AccessRequest;
import dev.weft.policy.Decision;
import dev.weft.policy.Decision.Forward;
import dev.weft.policy.Decision.PassThrough;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Peer;
import dev.weft.policy.RouteActions.Abort;
import dev.weft.policy.RouteActions.Delay;
import dev.weft.policy.Router;
import dev.weft.policy.SpiffeId;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Severity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files that everybody who has tried Istio has: they compile, and do what people expect. */
class BookinfoTest {
  private static final int CALLS = 10_000;

  static Stream<String> files() {
    return Samples.names("bookinfo").stream();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyFileCompilesWithoutAnError(String file) {
    Samples mesh = bookinfo().file("bookinfo/destination-rule-all.yaml");
    boolean base = file.equals("services.yaml") || file.startsWith("destination-rule-all");
    List<Diagnostic> found = (base ? bookinfo() : mesh.file("bookinfo/" + file)).diagnostics();

    assertThat(found).noneMatch(one -> one.severity() == Severity.ERROR);
  }

  @Test
  void onlyWhatIsForGatewaysIsWarnedAbout() {
    Samples mesh = bookinfo().file("bookinfo/destination-rule-all.yaml");
    for (String file :
        List.of(
            "virtual-service-all-v1.yaml",
            "bookinfo-gateway.yaml",
            "egress-google.yaml",
            "mysql-vm.yaml",
            "mtls.yaml",
            "viewers.yaml")) {
      mesh.file("bookinfo/" + file);
    }

    assertThat(mesh.diagnostics())
        .filteredOn(one -> !one.file().equals("bookinfo/viewers.yaml"))
        .filteredOn(one -> !one.file().equals("bookinfo/mtls.yaml"))
        .extracting(one -> one.file() + " " + one.code())
        .containsExactly(
            "bookinfo/bookinfo-gateway.yaml WEFT070", "bookinfo/bookinfo-gateway.yaml WEFT072");
  }

  @Test
  void withoutVirtualServiceEveryVersionAnswers() {
    assertThat(shares(router("destination-rule-all.yaml"), "reviews")).containsOnlyKeys("v1,v2,v3");
  }

  @Test
  void allToTheFirstVersion() {
    Router router = router("destination-rule-all.yaml", "virtual-service-all-v1.yaml");

    for (String service : List.of("details", "reviews", "ratings")) {
      assertThat(shares(router, service)).containsOnlyKeys("v1");
    }
  }

  @Test
  void ninetyToTen() {
    Map<String, Double> shares =
        shares(
            router("destination-rule-all.yaml", "virtual-service-reviews-90-10.yaml"), "reviews");

    assertThat(shares).containsOnlyKeys("v1", "v2");
    assertThat(shares.get("v1")).isCloseTo(0.9, within(0.02));
  }

  @Test
  void eightyToTwenty() {
    Map<String, Double> shares =
        shares(
            router("destination-rule-all.yaml", "virtual-service-reviews-80-20.yaml"), "reviews");

    assertThat(shares.get("v2")).isCloseTo(0.2, within(0.02));
  }

  @Test
  void halfToTheThirdVersion() {
    Map<String, Double> shares =
        shares(
            router("destination-rule-all.yaml", "virtual-service-reviews-50-v3.yaml"), "reviews");

    assertThat(shares).containsOnlyKeys("v1", "v3");
    assertThat(shares.get("v3")).isCloseTo(0.5, within(0.02));
  }

  @Test
  void jasonSeesTheSecondVersion() {
    Router router = router("destination-rule-all.yaml", "virtual-service-reviews-test-v2.yaml");

    assertThat(version(get(router, "reviews", "end-user: jason"))).isEqualTo("v2");
    assertThat(version(get(router, "reviews", "end-user: jasonx"))).isEqualTo("v1");
    assertThat(version(get(router, "reviews"))).isEqualTo("v1");
  }

  @Test
  void jasonSeesTheSecondAndOthersTheThird() {
    Router router = router("destination-rule-all.yaml", "virtual-service-reviews-jason-v2-v3.yaml");

    assertThat(version(get(router, "reviews", "end-user: jason"))).isEqualTo("v2");
    assertThat(version(get(router, "reviews"))).isEqualTo("v3");
  }

  @Test
  void ratingsAreLateForJasonOnly() {
    Router router = router("destination-rule-all.yaml", "virtual-service-ratings-test-delay.yaml");

    assertThat(forward(get(router, "ratings", "end-user: jason")).delivery().actions().fault())
        .hasValueSatisfying(
            fault -> assertThat(fault.delay()).contains(new Delay(100.0, Duration.ofSeconds(7))));
    assertThat(forward(get(router, "ratings")).delivery().actions().fault()).isEmpty();
  }

  @Test
  void ratingsFailForJasonOnly() {
    Router router = router("destination-rule-all.yaml", "virtual-service-ratings-test-abort.yaml");

    assertThat(forward(get(router, "ratings", "end-user: jason")).delivery().actions().fault())
        .hasValueSatisfying(
            fault ->
                assertThat(fault.abort())
                    .contains(new Abort(100.0, Optional.of(500), Optional.empty())));
    assertThat(forward(get(router, "ratings")).delivery().actions().fault()).isEmpty();
  }

  @Test
  void reviewsHaveHalfASecond() {
    Router router = router("destination-rule-all.yaml", "virtual-service-reviews-timeout.yaml");

    assertThat(forward(get(router, "reviews")).requestTimeout()).contains(Duration.ofMillis(500));
  }

  @Test
  void aSubsetWithoutWorkloadsIsNotReady() {
    Router router = router("destination-rule-all.yaml", "virtual-service-details-v2.yaml");

    assertThat(get(router, "details"))
        .isInstanceOfSatisfying(
            Decision.Reject.class, reject -> assertThat(reject.status()).isEqualTo(503));
  }

  @Test
  void withoutDestinationRulesSubsetsAreDead() {
    List<Diagnostic> found =
        bookinfo().file("bookinfo/virtual-service-reviews-test-v2.yaml").diagnostics();

    assertThat(found).extracting(Diagnostic::code).containsExactly("WEFT073", "WEFT073");
  }

  @Test
  void mutualTlsOfTheMeshIsWhatTheRulesAskFor() {
    Forward forward = forward(get(router("destination-rule-all-mtls.yaml"), "reviews"));

    assertThat(forward.delivery().policies())
        .extracting(policy -> policy.tls().map(TrafficPolicy.UpstreamTls::mode))
        .containsExactly(Optional.of(TrafficPolicy.UpstreamTlsMode.MESH));
    assertThat(forward.endpoints()).allMatch(endpoint -> endpoint.mesh());
  }

  @Test
  void theWorldOutsideIsReachedAsWithoutTheMesh() {
    Router router = router("egress-google.yaml");

    assertThat(get(router, "www.googleapis.com")).isInstanceOf(PassThrough.class);
    assertThat(router.connect("www.googleapis.com", 443, "www.googleapis.com", dice()))
        .isInstanceOf(PassThrough.class);
    assertThat(router.connect("de.wikipedia.org", 443, "de.wikipedia.org", dice()))
        .isInstanceOf(PassThrough.class);
  }

  @Test
  void theDatabaseOfTheMachineOutsideIsOfTheMesh() {
    Router router = router("mysql-vm.yaml");

    assertThat(router.connect("mysqldb.vm.internal", 3306, "", dice()))
        .isInstanceOfSatisfying(
            Forward.class,
            forward ->
                assertThat(forward.endpoints())
                    .extracting(one -> one.address() + ":" + one.port() + " " + one.spiffeId())
                    .containsExactly("192.0.2.10:3306 spiffe://cluster.local/ns/default/sa/mysql"));
  }

  @Test
  void strictMeansEveryWorkloadOfTheNamespace() {
    assertThat(inbound("reviews-v1", "mtls.yaml").mtls().mode()).isEqualTo(MtlsMode.STRICT);
    assertThat(inbound("reviews-v1").mtls().mode()).isEqualTo(MtlsMode.PERMISSIVE);
  }

  @Test
  void allowNothingShutsEverybodyOut() {
    Inbound details = inbound("details-v1", "allow-nothing.yaml");

    assertThat(allows(details, "productpage", "GET", "/details/0")).isFalse();
    assertThat(allows(inbound("details-v1"), "productpage", "GET", "/details/0")).isTrue();
  }

  @Test
  void viewersMayViewAndNobodyElseMayAnything() {
    String[] policies = {"allow-nothing.yaml", "viewers.yaml"};

    assertThat(allows(inbound("productpage-v1", policies), "ratings", "GET", "/")).isTrue();
    assertThat(allows(inbound("productpage-v1", policies), "ratings", "POST", "/")).isFalse();
    assertThat(allows(inbound("details-v1", policies), "productpage", "GET", "/x")).isTrue();
    assertThat(allows(inbound("details-v1", policies), "reviews", "GET", "/x")).isFalse();
    assertThat(allows(inbound("reviews-v2", policies), "productpage", "GET", "/x")).isTrue();
    assertThat(allows(inbound("ratings-v1", policies), "reviews", "GET", "/x")).isTrue();
    assertThat(allows(inbound("ratings-v1", policies), "productpage", "GET", "/x")).isFalse();
  }

  @Test
  void deletingReviewsIsDeniedToThoseWhoMayReadThem() {
    Inbound reviews = inbound("reviews-v1", "deny-delete.yaml");

    assertThat(allows(reviews, "productpage", "DELETE", "/reviews/1")).isFalse();
    assertThat(allows(reviews, "productpage", "GET", "/reviews/1")).isTrue();
  }

  private static Samples bookinfo() {
    return new Samples()
        .file("bookinfo/services.yaml")
        .workload("productpage", "v1", 9080)
        .workload("details", "v1", 9080)
        .workload("reviews", "v1", 9080)
        .workload("reviews", "v2", 9080)
        .workload("reviews", "v3", 9080)
        .workload("ratings", "v1", 9080);
  }

  private static Samples with(String... files) {
    Samples mesh = bookinfo();
    for (String file : files) {
      mesh.file("bookinfo/" + file);
    }
    return mesh;
  }

  private static Router router(String... files) {
    return new Router(with(files).snapshotOf("productpage-v1"));
  }

  private static Inbound inbound(String workload, String... files) {
    return with(files).snapshotOf(workload).inbound();
  }

  private static boolean allows(Inbound inbound, String caller, String method, String path) {
    SpiffeId peer = SpiffeId.parse("spiffe://cluster.local/ns/default/sa/bookinfo-" + caller);
    AccessConnection connection = AccessConnection.of(new Peer(Optional.of(peer)), 9080);
    return Access.of(inbound)
        .request(new AccessRequest(connection, method, path, inbound.service()))
        .allowed();
  }

  private static Decision get(Router router, String host, String... headers) {
    int port = host.contains(".") ? 80 : 9080;
    return router.decide(Samples.call("GET", host, port, "/x", headers), dice());
  }

  private static Forward forward(Decision decision) {
    assertThat(decision).isInstanceOf(Forward.class);
    return (Forward) decision;
  }

  private static String version(Decision decision) {
    return String.join(
        ",",
        forward(decision).endpoints().stream()
            .map(endpoint -> endpoint.labels().getOrDefault("version", ""))
            .sorted()
            .toList());
  }

  private static Map<String, Double> shares(Router router, String host) {
    SplittableRandom dice = dice();
    Map<String, Double> shares = new HashMap<>();
    for (int i = 0; i < CALLS; i++) {
      Decision decision = router.decide(Samples.call("GET", host, 9080, "/x"), dice);
      shares.merge(version(decision), 1.0 / CALLS, Double::sum);
    }
    return shares;
  }

  private static SplittableRandom dice() {
    return new SplittableRandom(42);
  }
}
