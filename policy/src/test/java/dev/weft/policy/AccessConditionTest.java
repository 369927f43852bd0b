package dev.weft.policy;

import static dev.weft.policy.Policies.ORDERS;
import static dev.weft.policy.Policies.access;
import static dev.weft.policy.Policies.from;
import static dev.weft.policy.Policies.policy;
import static dev.weft.policy.Policies.to;
import static dev.weft.policy.Policies.when;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.AccessCondition.Attribute;
import dev.weft.policy.AccessPolicy.Action;
import dev.weft.policy.AccessRule.Operation;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AccessConditionTest {
  private static final AccessToken TOKEN =
      new AccessToken(
          "https://issuer.test/alice",
          List.of("pay", "shop"),
          "web",
          Map.of(
              "groups",
              List.of("admins", "staff"),
              "tier",
              "gold",
              "realm",
              Map.of("roles", List.of("reader"), "name", "eu"),
              "age",
              7,
              "flag",
              true));

  /** Everything that a request can have. */
  private static AccessRequest full() {
    return new AccessRequest(
        new AccessConnection(ORDERS, 8080, ip("10.1.2.3"), ip("10.0.0.7"), "pay.test"),
        "GET",
        "/pay",
        "pay.test",
        headers("x-team", "blue"),
        TOKEN);
  }

  /** Nothing that a request can lack: a plaintext peer of unknown address. */
  private static AccessRequest empty() {
    return new AccessRequest(AccessConnection.of(Peer.PLAINTEXT, 8080), "", "", "");
  }

  /** A condition that {@link #full} fulfils, and one that it does not, for each attribute. */
  private static AccessCondition condition(Attribute attribute, boolean fits) {
    return switch (attribute) {
      case SOURCE_PRINCIPAL -> of(attribute, fits ? "*/sa/orders" : "*/sa/web");
      case SOURCE_NAMESPACE -> of(attribute, fits ? "default" : "shop");
      case SOURCE_TRUST_DOMAIN -> of(attribute, fits ? "cluster.*" : "other.test");
      case SOURCE_IP -> of(attribute, fits ? "10.0.0.0/8" : "192.0.2.0/24");
      case REMOTE_IP -> of(attribute, fits ? "10.1.2.3" : "192.0.2.1");
      case DESTINATION_IP -> of(attribute, fits ? "10.0.0.7" : "10.0.0.8");
      case DESTINATION_PORT -> of(attribute, fits ? "8080" : "9090");
      case CONNECTION_SNI -> of(attribute, fits ? "*.test" : "other");
      case REQUEST_HEADER ->
          new AccessCondition(
              attribute, List.of("X-Team"), List.of(fits ? "blue" : "red"), List.of());
      case REQUEST_PRINCIPAL -> of(attribute, fits ? "https://issuer.test/*" : "other/*");
      case REQUEST_AUDIENCES -> of(attribute, fits ? "shop" : "other");
      case REQUEST_PRESENTER -> of(attribute, fits ? "web" : "app");
      case REQUEST_CLAIM ->
          new AccessCondition(
              attribute, List.of("groups"), List.of(fits ? "admins" : "guests"), List.of());
    };
  }

  private static AccessCondition of(Attribute attribute, String value) {
    return new AccessCondition(attribute, List.of(value), List.of());
  }

  private static AccessCondition negated(AccessCondition one) {
    return new AccessCondition(one.attribute(), one.key(), List.of(), one.values());
  }

  private static InetAddress ip(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static AccessRequest.Headers headers(String name, String... values) {
    return asked -> asked.equalsIgnoreCase(name) ? List.of(values) : List.of();
  }

  private static boolean matches(Action action, AccessRule rule, AccessRequest request) {
    boolean allowed = access(policy(action, rule)).request(request).allowed();
    return action == Action.ALLOW ? allowed : !allowed;
  }

  /**
   * Attribute, whether the condition is negative, action, what is there, and whether it matches.
   */
  static Stream<Arguments> truth() {
    List<Arguments> rows = new ArrayList<>();
    for (Attribute attribute : Attribute.values()) {
      for (Action action : List.of(Action.ALLOW, Action.DENY)) {
        for (boolean negative : List.of(false, true)) {
          rows.add(Arguments.of(attribute, negative, action, "fits", !negative));
          rows.add(Arguments.of(attribute, negative, action, "fits not", negative));
          if (attribute != Attribute.DESTINATION_PORT) { // which is always there
            rows.add(Arguments.of(attribute, negative, action, "missing", action == Action.DENY));
          }
        }
      }
    }
    return rows.stream();
  }

  @ParameterizedTest(name = "{2} when {0}, negative {1}: {3} matches {4}")
  @MethodSource("truth")
  void aMissingAttributeMatchesInDenyAndNotInAllow(
      Attribute attribute, boolean negative, Action action, String what, boolean matches) {
    AccessCondition positive = condition(attribute, what.equals("fits") || what.equals("missing"));
    AccessCondition condition = negative ? negated(positive) : positive;
    AccessRequest request = what.equals("missing") ? empty() : full();

    assertThat(matches(action, when(condition), request)).isEqualTo(matches);
    assertThat(matches(action, from(condition), request)).isEqualTo(matches);
  }

  @ParameterizedTest
  @EnumSource(Attribute.class)
  void anAuditMatchesOnlyWhatIsThere(Attribute attribute) {
    AccessPolicy audit = policy(Action.AUDIT, when(condition(attribute, true)));
    Inbound plain = Policies.inbound();
    Access access =
        Access.of(
            new Inbound(
                plain.workload(),
                plain.service(),
                plain.namespace(),
                plain.spiffeId(),
                plain.labels(),
                plain.mtls(),
                plain.portMtls(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of(audit),
                List.of()));

    assertThat(access.request(full()).audit()).containsExactly("the-policy");
    assertThat(access.request(full()).allowed()).isTrue();
    assertThat(access.request(empty()).allowed()).isTrue();
    if (attribute != Attribute.DESTINATION_PORT) {
      assertThat(access.request(empty()).audit()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Attribute.class)
  void whatNeedsARequestIsRefusedWhereNobodySeesRequests(Attribute attribute) {
    AccessCondition fits = condition(attribute, true);
    AccessConnection connection = full().connection();
    boolean needsRequest = fits.needsRequest() || attribute == Attribute.REMOTE_IP;

    assertThat(access(policy(Action.ALLOW, when(fits))).connection(connection, false).allowed())
        .isEqualTo(!needsRequest);
    assertThat(access(policy(Action.DENY, when(fits))).connection(connection, false).allowed())
        .isFalse();
    assertThat(
            access(policy(Action.DENY, when(condition(attribute, false))))
                .connection(connection, false)
                .allowed())
        .isEqualTo(!needsRequest);
  }

  @ParameterizedTest
  @EnumSource(Attribute.class)
  void whatNeedsARequestWaitsForItWhereRequestsAreChecked(Attribute attribute) {
    AccessConnection connection = full().connection();
    boolean needsRequest =
        condition(attribute, true).needsRequest() || attribute == Attribute.REMOTE_IP;

    assertThat(
            access(policy(Action.ALLOW, when(condition(attribute, true))))
                .connection(connection, true)
                .allowed())
        .isTrue();
    assertThat(
            access(policy(Action.DENY, when(condition(attribute, true))))
                .connection(connection, true)
                .allowed())
        .isEqualTo(needsRequest);
  }

  @Test
  void allConditionsOfARuleMustHold() {
    AccessCondition team = condition(Attribute.REQUEST_HEADER, true);

    assertThat(matches(Action.ALLOW, when(team, condition(Attribute.SOURCE_IP, true)), full()))
        .isTrue();
    assertThat(matches(Action.ALLOW, when(team, condition(Attribute.SOURCE_IP, false)), full()))
        .isFalse();
  }

  @Nested
  class Headers {
    private AccessRequest request(String... values) {
      return new AccessRequest(
          AccessConnection.of(ORDERS, 8080),
          "GET",
          "/",
          "pay",
          headers("x-team", values),
          AccessToken.NONE);
    }

    private AccessRule team(List<String> values, List<String> notValues) {
      return when(
          new AccessCondition(Attribute.REQUEST_HEADER, List.of("x-team"), values, notValues));
    }

    @Test
    void repeatingAHeaderNeverHelps() {
      AccessRule bad = team(List.of("bad"), List.of());
      AccessRule good = team(List.of("good"), List.of());

      assertThat(matches(Action.DENY, bad, request("good", "bad"))).isTrue();
      assertThat(matches(Action.DENY, bad, request("bad", "good"))).isTrue();
      assertThat(matches(Action.DENY, bad, request("good"))).isFalse();
      assertThat(matches(Action.ALLOW, good, request("good", "bad"))).isFalse();
      assertThat(matches(Action.ALLOW, good, request("good", "good"))).isFalse();
      assertThat(matches(Action.ALLOW, good, request("good"))).isTrue();
    }

    @Test
    void theSameHoldsForNegativeConditions() {
      AccessRule notBad = team(List.of(), List.of("bad"));

      assertThat(matches(Action.ALLOW, notBad, request("good", "bad"))).isFalse();
      assertThat(matches(Action.ALLOW, notBad, request("good", "fine"))).isTrue();
      assertThat(matches(Action.DENY, notBad, request("bad", "good"))).isTrue();
      assertThat(matches(Action.DENY, notBad, request("bad"))).isFalse();
    }

    @ParameterizedTest(name = "{0} on {1}: {2}")
    @CsvSource({
      "blue, blue, true",
      "blue, Blue, false",
      "bl*, blue, true",
      "*ue, blue, true",
      "*, blue, true",
      "*, '', false",
      "b*, '', false",
    })
    void valuesArePatterns(String pattern, String value, boolean matches) {
      assertThat(matches(Action.ALLOW, team(List.of(pattern), List.of()), request(value)))
          .isEqualTo(matches);
    }
  }

  @Nested
  class Claims {
    @ParameterizedTest(name = "{0} is {1}: {2}")
    @CsvSource({
      "groups, staff, true",
      "groups, guests, false",
      "groups, adm*, true",
      "tier, gold, true",
      "tier, '*', true",
      "realm.roles, reader, true",
      "realm.name, eu, true",
      "realm.name.x, eu, false",
      "realm, '*', false",
      "age, 7, false",
      "flag, true, false",
      "nothing, '*', false",
    })
    void textsAndListsOfTextsAreCompared(String path, String value, boolean matches) {
      AccessCondition condition =
          new AccessCondition(
              Attribute.REQUEST_CLAIM, List.of(path.split("\\.", -1)), List.of(value), List.of());

      assertThat(matches(Action.ALLOW, when(condition), full())).isEqualTo(matches);
    }

    @Test
    void oneUnwantedValueIsEnoughToMissANegativeCondition() {
      AccessCondition notStaff =
          new AccessCondition(
              Attribute.REQUEST_CLAIM, List.of("groups"), List.of("admins"), List.of("staff"));

      assertThat(matches(Action.ALLOW, when(notStaff), full())).isFalse();
    }
  }

  @Nested
  class RemoteAddress {
    private boolean remoteIs(String address, Peer peer, String... forwarded) {
      AccessRequest request =
          new AccessRequest(
              new AccessConnection(peer, 8080, ip("10.1.2.3"), null, ""),
              "GET",
              "/",
              "pay",
              headers("x-forwarded-for", forwarded),
              AccessToken.NONE);
      return matches(Action.ALLOW, when(of(Attribute.REMOTE_IP, address)), request);
    }

    @Test
    void aPlaintextPeerIsOnlyWhereItIs() {
      assertThat(remoteIs("192.0.2.1", Peer.PLAINTEXT, "192.0.2.1")).isFalse();
      assertThat(remoteIs("10.1.2.3", Peer.PLAINTEXT, "192.0.2.1")).isTrue();
    }

    @Test
    void aMeshPeerIsBelievedAboutItsOwnCallerAlone() {
      assertThat(remoteIs("192.0.2.1", ORDERS, "192.0.2.1")).isTrue();
      assertThat(remoteIs("192.0.2.1", ORDERS, "203.0.113.9, 192.0.2.1")).isTrue();
      assertThat(remoteIs("203.0.113.9", ORDERS, "203.0.113.9, 192.0.2.1")).isFalse();
      assertThat(remoteIs("192.0.2.1", ORDERS, "203.0.113.9", "192.0.2.1")).isTrue();
      assertThat(remoteIs("10.1.2.3", ORDERS)).isTrue();
    }

    @Test
    void whatIsNoAddressIsMissing() {
      for (String odd : List.of("unknown", "192.0.2.1:80", "", "localhost", "192.0.2.1,")) {
        assertThat(remoteIs("0.0.0.0/0", ORDERS, odd)).as(odd).isFalse();
      }
    }
  }

  @Nested
  class Hosts {
    private boolean matches(Action action, String sent, String written) {
      AccessRule rule =
          to(
              new Operation(
                  List.of(),
                  List.of(),
                  List.of(),
                  List.of(),
                  List.of(),
                  List.of(),
                  List.of(written),
                  List.of()));
      AccessRequest request =
          new AccessRequest(AccessConnection.of(ORDERS, 8080), "GET", "/", sent);
      return AccessConditionTest.matches(action, rule, request);
    }

    @Test
    void aDotAtTheEndOfAHostHidesNothing() {
      assertThat(matches(Action.DENY, "pay.test.", "pay.test")).isTrue();
      assertThat(matches(Action.DENY, "pay.test", "pay.test")).isTrue();
      assertThat(matches(Action.DENY, "other.test.", "pay.test")).isFalse();
      assertThat(matches(Action.ALLOW, "pay.test.", "pay.test")).isFalse();
      assertThat(matches(Action.ALLOW, "pay.test.", "pay.*")).isTrue();
    }
  }

  @Nested
  class Tokens {
    private final AccessPolicy everywhere =
        policy(Action.AUTHENTICATE, new AccessRule(List.of(), List.of()));
    private final AccessPolicy notOn6379 =
        policy(
            Action.AUTHENTICATE,
            to(
                new Operation(
                    List.of(),
                    List.of(6379),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of())));

    private boolean connects(int port, boolean requestsAreChecked, AccessPolicy policy) {
      return access(policy)
          .connection(AccessConnection.of(ORDERS, port), requestsAreChecked)
          .allowed();
    }

    @Test
    void whereNobodySeesTokensNobodyConnects() {
      assertThat(connects(8080, false, everywhere)).isFalse();
      assertThat(connects(8080, true, everywhere)).isTrue();
    }

    @Test
    void portsWithoutRequestsAreLeftOut() {
      assertThat(connects(6379, false, notOn6379)).isTrue();
      assertThat(connects(8080, false, notOn6379)).isFalse();
    }

    @Test
    void requestsWhoseTokenWasJudgedAreNotAskedAgain() {
      assertThat(access(everywhere).request(full()).allowed()).isTrue();
      assertThat(access(everywhere).request(empty()).allowed()).isTrue();
    }
  }
}
