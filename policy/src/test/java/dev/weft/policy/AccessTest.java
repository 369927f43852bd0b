package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.AccessPolicy.Action;
import dev.weft.policy.AccessRule.Operation;
import dev.weft.policy.AccessRule.Source;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private static final Peer ORDERS = peer("spiffe://cluster.local/ns/default/sa/orders");
  private static final Peer WEB = peer("spiffe://cluster.local/ns/shop/sa/web");
  private static final AccessRule ANYTHING = new AccessRule(List.of(), List.of());

  @Nested
  class Order {
    @Test
    void withoutPoliciesEverythingIsAllowed() {
      assertThat(get(Peer.PLAINTEXT, "/").allowed()).isTrue();
      assertThat(get(Peer.PLAINTEXT, "/").rule()).isEqualTo("default");
    }

    @Test
    void anAllowPolicyWithoutRulesAllowsNothing() {
      AccessDecision decision = get(ORDERS, "/", allow("nothing"));

      assertThat(decision.allowed()).isFalse();
      assertThat(decision.rule()).isEqualTo("nothing");
    }

    @Test
    void anEmptyRuleAllowsEverything() {
      assertThat(get(Peer.PLAINTEXT, "/", allow("all", ANYTHING)).allowed()).isTrue();
    }

    @Test
    void denyIsLookedAtBeforeAllow() {
      AccessDecision decision = get(ORDERS, "/", allow("all", ANYTHING), deny("no", ANYTHING));

      assertThat(decision.allowed()).isFalse();
      assertThat(decision.rule()).isEqualTo("no");
      assertThat(decision.reason()).contains("no").contains("sa/orders");
    }

    @Test
    void oneOfSeveralAllowPoliciesIsEnough() {
      AccessDecision decision =
          get(ORDERS, "/", allow("web", from("*/sa/web")), allow("orders", from("*/sa/orders")));

      assertThat(decision.allowed()).isTrue();
      assertThat(decision.rule()).isEqualTo("orders");
    }

    @Test
    void aDenyPolicyAloneLeavesTheRestAllowed() {
      AccessPolicy noWeb = deny("no-web", from("*/sa/web"));

      assertThat(get(WEB, "/", noWeb).allowed()).isFalse();
      assertThat(get(ORDERS, "/", noWeb).allowed()).isTrue();
    }
  }

  @Nested
  class Sources {
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
      "cluster.local/ns/default/sa/orders, true",
      "cluster.local/ns/default/sa/order, false",
      "cluster.local/ns/default/*, true",
      "cluster.local/ns/shop/*, false",
      "*/sa/orders, true",
      "*/sa/pay, false",
      "*, true",
      "CLUSTER.local/ns/default/sa/orders, false",
    })
    void principalsArePatterns(String pattern, boolean allowed) {
      assertThat(get(ORDERS, "/", allow("a", from(pattern))).allowed()).isEqualTo(allowed);
    }

    @Test
    void namespacesComeFromTheIdentity() {
      AccessRule shop = source(new Source(List.of(), List.of(), List.of("shop"), List.of()));

      assertThat(get(WEB, "/", allow("a", shop)).allowed()).isTrue();
      assertThat(get(ORDERS, "/", allow("a", shop)).allowed()).isFalse();
    }

    @Test
    void allConditionsOfASourceMustHold() {
      AccessRule rule =
          source(
              new Source(
                  List.of("*/sa/web", "*/sa/orders"), List.of(), List.of(), List.of("default")));

      assertThat(get(WEB, "/", allow("a", rule)).allowed()).isTrue();
      assertThat(get(ORDERS, "/", allow("a", rule)).allowed()).isFalse();
    }

    @Test
    void anyOfSeveralSourcesMatches() {
      AccessRule rule =
          new AccessRule(
              List.of(
                  new Source(List.of("*/sa/web"), List.of(), List.of(), List.of()),
                  new Source(List.of(), List.of(), List.of("default"), List.of())),
              List.of());

      assertThat(get(WEB, "/", allow("a", rule)).allowed()).isTrue();
      assertThat(get(ORDERS, "/", allow("a", rule)).allowed()).isTrue();
    }

    @Test
    void aMissingIdentityNeverFitsAnAllow() {
      AccessRule not = source(new Source(List.of(), List.of("*/sa/web"), List.of(), List.of()));

      assertThat(get(Peer.PLAINTEXT, "/", allow("a", from("*"))).allowed()).isFalse();
      assertThat(get(Peer.PLAINTEXT, "/", allow("a", not)).allowed()).isFalse();
      assertThat(get(ORDERS, "/", allow("a", not)).allowed()).isTrue();
    }

    @Test
    void aMissingIdentityAlwaysFitsADeny() {
      AccessRule not = source(new Source(List.of(), List.of("*"), List.of(), List.of()));

      assertThat(get(Peer.PLAINTEXT, "/", deny("a", from("*/sa/web"))).allowed()).isFalse();
      assertThat(get(Peer.PLAINTEXT, "/", deny("a", not)).allowed()).isFalse();
      assertThat(get(ORDERS, "/", deny("a", not)).allowed()).isTrue();
    }
  }

  @Nested
  class Operations {
    @ParameterizedTest(name = "{0} {1} on {2}: {3}")
    @CsvSource({
      "GET,  /pay,        8080, true",
      "GET,  /pay/1,      8080, true",
      "GET,  /payments,   8080, false",
      "GET,  /pay/admin,  8080, false",
      "POST, /pay,        8080, false",
      "get,  /pay,        8080, false",
      "GET,  /pay,        9090, false",
    })
    void everyConditionOfAnOperationMustHold(
        String method, String path, int port, boolean allowed) {
      AccessRule rule =
          to(
              new Operation(
                  List.of(8080),
                  List.of(),
                  List.of("GET"),
                  List.of(),
                  List.of("/pay", "/pay/*"),
                  List.of("/pay/admin"),
                  List.of(),
                  List.of()));

      assertThat(
              Access.of(inbound(allow("a", rule)))
                  .request(
                      new AccessRequest(AccessConnection.of(ORDERS, port), method, path, "pay"))
                  .allowed())
          .isEqualTo(allowed);
    }

    @Test
    void hostsAreCompared() {
      AccessRule rule = to(hosts(List.of("pay.default", "*.svc")));

      assertThat(host("pay.default", allow("a", rule))).isTrue();
      assertThat(host("pay.default.svc", allow("a", rule))).isTrue();
      assertThat(host("pay", allow("a", rule))).isFalse();
    }

    @Test
    void aMissingHostFitsADenyAndNoAllow() {
      AccessRule rule = to(hosts(List.of("pay")));

      assertThat(host("", allow("a", rule))).isFalse();
      assertThat(host("", deny("a", rule))).isFalse();
      assertThat(host("orders", deny("a", rule))).isTrue();
    }

    private boolean host(String host, AccessPolicy policy) {
      AccessRequest request =
          new AccessRequest(AccessConnection.of(ORDERS, 8080), "GET", "/", host);
      return Access.of(inbound(policy)).request(request).allowed();
    }

    private Operation hosts(List<String> hosts) {
      return new Operation(
          List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), hosts, List.of());
    }
  }

  @Nested
  class Paths {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "/admin",
          "//admin",
          "/%61dmin",
          "/public/../admin",
          "/public/%2e%2e/admin",
          "/public/..;/admin",
          "/./admin",
          "/admin;x=y",
          "\\admin",
          "/public\\..\\admin",
          "/admin%00",
          "/%zz",
          "/%c0%ae%c0%ae/admin",
        })
    void noSpellingOfADeniedPathPasses(String path) {
      assertThat(get(ORDERS, path, deny("no-admin", paths("/admin"))).allowed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/public/../admin", "/public/%2e%2e/admin", "/public/x/../../admin"})
    void noSpellingReachesBeyondAnAllowedPrefix(String path) {
      assertThat(get(ORDERS, path, allow("public", paths("/public/*"))).allowed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"/public/x", "/public/x/../y", "/public/%41", "/public/;v=1", "/public//"})
    void spellingsThatStayWithinAnAllowedPrefixPass(String path) {
      assertThat(get(ORDERS, path, allow("public", paths("/public/*"))).allowed()).isTrue();
    }

    @Test
    void aDisagreementIsADeny() {
      AccessDecision decision = get(ORDERS, "/public/../x", allow("public", paths("/public/*")));

      assertThat(decision.allowed()).isFalse();
      assertThat(decision.reason()).contains("normal form /x");
      assertThat(decision.rule()).isEqualTo("public");
    }

    @Test
    void whereNoPolicyLooksAtPathsNoneIsRefused() {
      assertThat(get(ORDERS, "/%00", allow("a", from("*"))).allowed()).isTrue();
    }
  }

  @Nested
  class Connections {
    private final AccessPolicy denyDelete = deny("no-delete", methods("DELETE"));
    private final AccessPolicy allowGet = allow("get", methods("GET"));

    @Test
    void aRuleOnRequestsWaitsForTheRequestWhereRequestsAreChecked() {
      assertThat(connection(true, denyDelete)).isTrue();
      assertThat(connection(true, allowGet)).isTrue();
    }

    @Test
    void aRuleOnRequestsRefusesWhereNobodyChecksRequests() {
      assertThat(connection(false, denyDelete)).isFalse();
      assertThat(connection(false, allowGet)).isFalse();
    }

    @Test
    void anotherAllowStillAllowsWhereNobodyChecksRequests() {
      assertThat(connection(false, allowGet, allow("orders", from("*/sa/orders")))).isTrue();
    }

    @Test
    void aRuleOnAnotherPortDoesNotConcernTheConnection() {
      AccessPolicy other =
          deny(
              "other-port",
              to(
                  new Operation(
                      List.of(9090),
                      List.of(),
                      List.of("DELETE"),
                      List.of(),
                      List.of(),
                      List.of(),
                      List.of(),
                      List.of())));

      assertThat(connection(false, other)).isTrue();
    }

    @Test
    void sourcesAreJudgedAtOnce() {
      assertThat(connection(true, allow("web", from("*/sa/web")))).isFalse();
      assertThat(connection(true, deny("orders", from("*/sa/orders")))).isFalse();
      assertThat(connection(true, allow("orders", from("*/sa/orders")))).isTrue();
    }

    private boolean connection(boolean requestsAreChecked, AccessPolicy... policies) {
      return Access.of(inbound(policies))
          .connection(AccessConnection.of(ORDERS, 8080), requestsAreChecked)
          .allowed();
    }

    private AccessRule methods(String method) {
      return to(
          new Operation(
              List.of(),
              List.of(),
              List.of(method),
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              List.of()));
    }
  }

  @Nested
  class DryRun {
    @Test
    void aDryRunDenyDecidesNothingAndIsNamed() {
      AccessDecision decision = get(ORDERS, "/", dryRun(deny("dry", ANYTHING)));

      assertThat(decision.allowed()).isTrue();
      assertThat(decision.dryRun()).containsExactly("dry");
    }

    @Test
    void aDryRunAllowThatWouldShutOthersOutIsNamed() {
      AccessPolicy dry = dryRun(allow("dry", from("*/sa/web")));

      assertThat(get(ORDERS, "/", dry).allowed()).isTrue();
      assertThat(get(ORDERS, "/", dry).dryRun()).containsExactly("dry");
      assertThat(get(WEB, "/", dry).dryRun()).isEmpty();
    }

    @Test
    void aDryRunAllowThatWouldLetInIsNamed() {
      AccessDecision decision =
          get(ORDERS, "/", allow("web", from("*/sa/web")), dryRun(allow("dry", ANYTHING)));

      assertThat(decision.allowed()).isFalse();
      assertThat(decision.dryRun()).containsExactly("dry");
    }

    @Test
    void aDryRunPolicyOnPathsRefusesNoOddPath() {
      assertThat(get(ORDERS, "/%00", dryRun(deny("dry", paths("/admin")))).allowed()).isTrue();
    }

    @Test
    void aDryRunPolicyThatChangesNothingIsNotNamed() {
      AccessDecision decision =
          get(ORDERS, "/", deny("no", ANYTHING), dryRun(deny("dry", ANYTHING)));

      assertThat(decision.dryRun()).isEmpty();
    }
  }

  private static AccessDecision get(Peer peer, String path, AccessPolicy... policies) {
    return Access.of(inbound(policies))
        .request(new AccessRequest(AccessConnection.of(peer, 8080), "GET", path, "pay.default"));
  }

  private static Inbound inbound(AccessPolicy... policies) {
    return new Inbound(
        "pay-1",
        "pay",
        "default",
        "spiffe://cluster.local/ns/default/sa/pay",
        Map.of(),
        new Inbound.Mtls(MtlsMode.STRICT, "default"),
        Map.of(),
        List.of(policies));
  }

  private static Peer peer(String spiffeId) {
    return new Peer(Optional.of(SpiffeId.parse(spiffeId)));
  }

  private static AccessPolicy allow(String name, AccessRule... rules) {
    return new AccessPolicy(name, Action.ALLOW, false, List.of(rules));
  }

  private static AccessPolicy deny(String name, AccessRule... rules) {
    return new AccessPolicy(name, Action.DENY, false, List.of(rules));
  }

  private static AccessPolicy dryRun(AccessPolicy policy) {
    return new AccessPolicy(policy.name(), policy.action(), true, policy.rules());
  }

  private static AccessRule from(String principal) {
    return source(new Source(List.of(principal), List.of(), List.of(), List.of()));
  }

  private static AccessRule source(Source source) {
    return new AccessRule(List.of(source), List.of());
  }

  private static AccessRule to(Operation operation) {
    return new AccessRule(List.of(), List.of(operation));
  }

  private static AccessRule paths(String path) {
    return to(
        new Operation(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(path),
            List.of(),
            List.of(),
            List.of()));
  }
}
