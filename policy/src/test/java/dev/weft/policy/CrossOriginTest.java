package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.dice;
import static dev.weft.policy.TestMesh.http;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.RouteActions.Cors;
import dev.weft.policy.RouteMatch.TextMatch;
import dev.weft.policy.RouteMatch.ValueKind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GEP-1767, row by row. */
class CrossOriginTest {
  private static final String SHOP = "https://shop.example.com";

  private static Cors cors(List<String> origins, boolean credentials, Boolean serverAnswers) {
    return new Cors(
        origins,
        List.of(),
        List.of("GET", "PUT"),
        List.of("x-a", "x-b"),
        List.of("x-cost"),
        credentials,
        Optional.of(Duration.ofMinutes(10)),
        Optional.ofNullable(serverAnswers));
  }

  private static Cors everything(boolean credentials) {
    List<String> star = List.of("*");
    return new Cors(
        star, List.of(), star, star, star, credentials, Optional.empty(), Optional.empty());
  }

  private static TestMesh.Request preflight(String origin) {
    return get("pay", "/")
        .method("OPTIONS")
        .with("Origin", origin)
        .with("Access-Control-Request-Method", "PUT");
  }

  private static Map<String, String> answer(Cors cors, Call call) {
    Map<String, String> headers = new LinkedHashMap<>();
    CrossOrigin.of(cors).preflight(call).forEach(edit -> headers.put(edit.name(), edit.value()));
    return headers;
  }

  private static List<HeaderEdit> edits(Cors cors, Call call, String... vary) {
    return CrossOrigin.of(cors)
        .edits(call, name -> name.equals("Vary") ? List.of(vary) : List.of());
  }

  private static HeaderEdit set(String name, String value) {
    return new HeaderEdit(HeaderEdit.Kind.SET, name, value);
  }

  private static HeaderEdit remove(String name) {
    return new HeaderEdit(HeaderEdit.Kind.REMOVE, name, "");
  }

  private static final HeaderEdit VARIES = new HeaderEdit(HeaderEdit.Kind.ADD, "Vary", "Origin");

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "*                             | https://shop.example.com        | true",
        "*                             | null                            | true",
        "https://shop.example.com      | https://shop.example.com        | true",
        "https://shop.example.com      | https://SHOP.example.com        | true",
        "https://shop.example.com      | https://shop.example.com:443    | true",
        "https://shop.example.com:443  | https://shop.example.com        | true",
        "http://shop.example.com:80    | http://shop.example.com         | true",
        "https://shop.example.com      | https://shop.example.com:80     | false",
        "https://shop.example.com      | http://shop.example.com         | false",
        "https://shop.example.com      | https://shop.example.com:8443   | false",
        "https://shop.example.com      | https://a.shop.example.com      | false",
        "https://shop.example.com      | https://shop.example.com.evil.x | false",
        "https://shop.example.com      | null                            | false",
        "https://*.example.com         | https://shop.example.com        | true",
        "https://*.example.com         | https://a.b.shop.example.com    | true",
        "https://*.example.com         | https://example.com             | false",
        "https://*.example.com         | https://.example.com            | false",
        "https://*.example.com         | http://shop.example.com         | false",
        "https://*.example.com         | https://shop.example.com:8443   | false",
        "https://*.example.com         | https://evilexample.com         | false",
        "https://*.example.com         | https://evil.x/.example.com     | false",
        "https://*.example.com:8443    | https://shop.example.com:8443   | true",
        "https://*.example.com:8443    | https://shop.example.com        | false",
        "https://*                     | https://shop.example.com        | true",
        "https://*                     | https://[2001:db8::1]           | true",
        "https://*                     | https://shop.example.com:8443   | false",
        "https://*                     | http://shop.example.com         | false",
        "https://*:8443                | https://shop.example.com:8443   | true",
        "http://*                      | http://shop.example.com:80      | true",
      })
  void originsAreComparedAsWebOrigins(String allowed, String origin, boolean fits) {
    assertThat(new Origins(List.of(allowed), List.of()).allow(origin)).isEqualTo(fits);
  }

  @ParameterizedTest(name = "{0} {1} and {2}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "PREFIX | https://shop.      | https://shop.example.com  | true",
        "PREFIX | https://shop.      | https://a.shop.example    | false",
        "REGEX  | https://.*[.]b[.]c | https://a.b.c             | true",
        "REGEX  | https://.*[.]b[.]c | https://a.b.c.evil.x      | false",
      })
  void conditionsOfIstioAreOnTheWholeText(
      ValueKind kind, String text, String origin, boolean fits) {
    assertThat(new Origins(List.of(), List.of(new TextMatch(kind, text))).allow(origin))
        .isEqualTo(fits);
  }

  @Nested
  class Preflights {
    @Test
    void anAllowedOriginIsToldWhatItMaySend() {
      assertThat(answer(cors(List.of(SHOP), true, null), preflight(SHOP)))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "Access-Control-Allow-Origin", SHOP,
                  "Access-Control-Allow-Credentials", "true",
                  "Access-Control-Allow-Methods", "GET, PUT",
                  "Access-Control-Allow-Headers", "x-a, x-b",
                  "Access-Control-Expose-Headers", "x-cost",
                  "Access-Control-Max-Age", "600",
                  "Vary", "Origin"));
    }

    @Test
    void withoutCredentialsNothingIsSaidOfThem() {
      assertThat(answer(cors(List.of(SHOP), false, null), preflight(SHOP)))
          .doesNotContainKey("Access-Control-Allow-Credentials");
    }

    @Test
    void everythingIsWhatIsAskedFor() {
      Call asking = preflight(SHOP).with("Access-Control-Request-Headers", "X-A, x-b");
      for (boolean credentials : new boolean[] {true, false}) {
        assertThat(answer(everything(credentials), asking))
            .containsEntry("Access-Control-Allow-Origin", SHOP)
            .containsEntry("Access-Control-Allow-Methods", "PUT")
            .containsEntry("Access-Control-Allow-Headers", "X-A, x-b")
            .containsEntry("Access-Control-Max-Age", "5");
      }
      assertThat(answer(everything(false), asking))
          .containsEntry("Access-Control-Expose-Headers", "*");
      assertThat(answer(everything(true), asking))
          .as("a star is no wildcard with credentials")
          .doesNotContainKey("Access-Control-Expose-Headers");
    }

    @Test
    void headersThatNobodyAsksForAreNotListedForAStar() {
      assertThat(answer(everything(true), preflight(SHOP)))
          .doesNotContainKey("Access-Control-Allow-Headers");
    }

    @Test
    void anOriginThatIsNotAllowedIsToldNothing() {
      assertThat(answer(cors(List.of(SHOP), true, null), preflight("https://other.example")))
          .isEmpty();
    }

    @Test
    void orIsToldByTheServerWhereIstioSaysSo() {
      CrossOrigin forwarding = CrossOrigin.of(cors(List.of(SHOP), true, true));
      assertThat(forwarding.preflight(preflight("https://other.example"))).isNull();
      assertThat(forwarding.preflight(preflight(SHOP))).isNotEmpty();
    }

    @Test
    void onlyOptionsWithOriginAndMethodIsOne() {
      CrossOrigin rule = CrossOrigin.of(everything(false));
      TestMesh.Request plain = get("pay", "/").method("OPTIONS");
      assertThat(rule.preflight(preflight(SHOP).method("GET"))).isNull();
      assertThat(rule.preflight(plain)).isNull();
      assertThat(rule.preflight(plain.with("Origin", SHOP))).isNull();
      assertThat(rule.preflight(plain.with("Access-Control-Request-Method", "PUT"))).isNull();
      assertThat(rule.preflight(preflight(SHOP))).isNotNull();
    }
  }

  @Nested
  class Responses {
    private final Call fromShop = get("pay", "/").with("Origin", SHOP);
    private final Call fromOther = get("pay", "/").with("Origin", "https://other.example");

    @Test
    void anAllowedOriginMaySeeThem() {
      assertThat(edits(cors(List.of(SHOP), true, null), fromShop))
          .containsExactly(
              set("Access-Control-Allow-Origin", SHOP),
              set("Access-Control-Allow-Credentials", "true"),
              set("Access-Control-Expose-Headers", "x-cost"),
              VARIES);
    }

    @Test
    void whatTheServerAllowsOfItselfDoesNotCount() {
      assertThat(edits(cors(List.of(SHOP), false, null), fromShop))
          .contains(remove("Access-Control-Allow-Credentials"));
      assertThat(edits(cors(List.of(SHOP), true, null), fromOther))
          .containsExactly(
              remove("Access-Control-Allow-Origin"),
              remove("Access-Control-Allow-Credentials"),
              VARIES);
    }

    @Test
    void unlessIstioLeavesItToTheServer() {
      assertThat(edits(cors(List.of(SHOP), true, true), fromOther)).containsExactly(VARIES);
    }

    @Test
    void everyoneIsNamedRatherThanAStar() {
      assertThat(edits(everything(true), fromOther))
          .contains(set("Access-Control-Allow-Origin", "https://other.example"))
          .noneMatch(edit -> edit.value().contains("*"));
    }

    @Test
    void aResponseToNoOriginVariesToo() {
      Cors cors = cors(List.of(SHOP), true, null);
      assertThat(edits(cors, get("pay", "/"))).containsExactly(VARIES);
      assertThat(edits(cors, get("pay", "/"), "Accept, origin")).isEmpty();
      assertThat(edits(cors, get("pay", "/"), "*")).isEmpty();
      assertThat(edits(cors, get("pay", "/"), "Accept")).containsExactly(VARIES);
    }
  }

  @Nested
  class Rules {
    private final String filter =
        "filters: [{type: CORS, cors: {allowOrigins: [\"" + SHOP + "\"]}}]";

    private Decision decide(String rule, Call call) {
      return new TestMesh()
          .documents(http("r", "none", rule))
          .workloads("pay")
          .router()
          .decide(call, dice());
    }

    @Test
    void aPreflightIsAnsweredWhoeverWouldTakeTheRequest() {
      for (String backends :
          List.of(
              "",
              "\n    backendRefs: [{name: gone, port: 80}]",
              "\n    backendRefs: [{name: pay, port: 80, weight: 0}]")) {
        assertThat(decide(filter + backends, preflight(SHOP)))
            .isInstanceOfSatisfying(
                Decision.Preflight.class,
                answer ->
                    assertThat(answer.headers())
                        .contains(set("Access-Control-Allow-Origin", SHOP)));
      }
    }

    @Test
    void aBackendsOwnFilterGoesBeforeTheRules() {
      String own =
          "\n    backendRefs: [{name: pay, port: 80, filters: "
              + "[{type: CORS, cors: {allowOrigins: [\"https://other.example\"]}}]}]";
      assertThat(decide(filter + own, preflight(SHOP)))
          .isEqualTo(new Decision.Preflight("HTTPRoute default/r rule 0", List.of()));
      assertThat(
              ((Decision.Preflight) decide(filter + own, preflight("https://other.example")))
                  .headers())
          .isNotEmpty();
    }

    @Test
    void withoutTheFilterAPreflightIsARequestAsAnyOther() {
      assertThat(decide("name: plain", preflight(SHOP))).isInstanceOf(Decision.Forward.class);
      assertThat(decide(filter, get("pay", "/").with("Origin", SHOP)))
          .isInstanceOf(Decision.Forward.class);
    }
  }
}
