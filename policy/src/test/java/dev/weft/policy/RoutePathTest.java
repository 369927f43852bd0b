package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.dice;
import static dev.weft.policy.TestMesh.http;
import static dev.weft.policy.TestMesh.route;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which rule takes odd spellings. The rules: {@code /admin} and what is below, {@code /public} and
 * what is below, everything else. {@link PathAttackTest} has the same spellings for access.
 */
class RoutePathTest {
  private static final Router GATEWAY =
      mesh(
          http(
              "r",
              "none",
              "name: admin\n    matches: [{path: {value: /admin}}]",
              "name: public\n    matches: [{path: {value: /public}}]",
              "name: other"));

  private static final Router ISTIO =
      mesh(
          """
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: v}
          spec:
            hosts: [pay]
            http:
            - {name: admin, match: [{uri: {exact: /admin}}, {uri: {prefix: /admin/}}], route: [{destination: {host: pay}}]}
            - {name: public, match: [{uri: {regex: "/public(/.*)?"}}], route: [{destination: {host: pay}}]}
            - {name: other, route: [{destination: {host: pay}}]}
          """);

  private static Router mesh(String documents) {
    return new TestMesh().documents(documents).workloads("pay").router();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // as everybody sends them
        "/public/x                | public",
        "/public                  | public",
        "/admin                   | admin",
        "/admin/x                 | admin",
        "/admin?x=/public         | admin",
        "/other                   | other",
        "/                        | other",
        // empty segments
        "//admin                  | admin",
        "///admin//x              | admin",
        "//public/x               | public",
        // dot segments
        "/./admin                 | admin",
        "/public/./x              | public",
        "/public/../admin         | admin",
        "/admin/../public/x       | public",
        "/public/..               | other",
        "/public/x/../../admin    | admin",
        "/public/...              | public",
        "/public/.well-known      | public",
        // coded dots and letters
        "/%2e/admin               | admin",
        "/public/%2e%2e/admin     | admin",
        "/public/%2E%2E/admin     | admin",
        "/public/.%2e/admin       | admin",
        "/%61dmin                 | admin",
        "/%70ublic/x              | public",
        "/public/%78              | public",
        // coded separators are no separators
        "/admin%2fx               | other",
        "/public%2fx              | other",
        "/public/..%2fadmin       | public",
        "/public%2f..%2fadmin     | other",
        "/admin%5cx               | other",
        "/public/..%5cadmin       | public",
        // backslashes
        "\\admin                  | admin",
        "/\\admin                 | admin",
        "/public\\..\\admin       | admin",
        "/public/..\\admin        | admin",
        // parameters
        "/admin;x=1               | admin",
        "/admin;/x                | admin",
        "/public/..;/admin        | admin",
        "/public/..;x=1/admin     | admin",
        "/public;x/y              | public",
        "/public/x;y=1            | public",
        "/;/admin                 | admin",
        "/admin%3bx=1             | other",
        // coded twice
        "/admin%252fx             | other",
        "/public/%252e%252e/admin | public",
        "/public/100%25           | public",
        // no normal form: as sent
        "/../admin                | other",
        "/public/../../admin      | public",
        "/admin%                  | other",
        "/public/%zz              | public",
        "//admin/%zz              | other",
        "/admin#x                 | other",
        "/public/\u00e9           | public",
        "*                        | other",
        "admin                    | other",
        // what stays a code
        "/admin%00                | other",
        "/public/caf%c3%a9        | public",
        // other paths: case, a dot at the end
        "/ADMIN                   | other",
        "/admin.                  | other",
        "/admin/                  | admin",
      })
  void oneRuleTakesAPathHoweverItIsSpelt(String path, String rule) {
    assertThat(GATEWAY.decide(get("pay", path), dice()).rule()).endsWith("rule " + rule);
    assertThat(ISTIO.decide(get("pay", path), dice()).rule()).endsWith("rule " + rule);
  }

  @ParameterizedTest(name = "{0} {1}, {2}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "exact  | /caf%c3%a9        | /caf%C3%A9        | true",
        "exact  | /caf%C3%A9        | /caf%c3%a9        | true",
        "exact  | /a%2Fb            | /a%2fb            | true",
        "exact  | /a%2Fb            | /a/b              | false",
        "exact  | /%61//b           | /a/b              | true",
        "exact  | /a/               | /a                | false",
        "exact  | /a/               | /a/.              | true",
        "prefix | /files/.          | /files/.hidden    | true",
        "prefix | /files/.          | /files/open       | false",
        "prefix | /files/%2E        | /files/open       | false",
        "prefix | //files           | /files/open       | true",
        // who names parameters means the path as sent
        "exact  | /a;v=2            | /a;v=2            | true",
        "exact  | /a;v=2            | /a;v=3            | false",
        "exact  | /a;v=2            | /a                | false",
        "exact  | /a                | /a;v=2            | true",
        "regex  | /a;v=[0-9]+       | /a;v=17           | true",
        "regex  | /a;v=[0-9]+       | //a;v=17          | false",
        // and so does an expression with codes
        "regex  | /caf%c3%a9        | /caf%c3%a9        | true",
        "regex  | /files/[^/]+      | /files/a%2Fb      | true",
        "regex  | /files/[^/]+      | /files//a/../b;c  | true",
      })
  void valuesOfRulesHaveANormalFormToo(String kind, String value, String path, boolean fits) {
    Router router =
        mesh(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: v}
            spec:
              hosts: [pay]
              http:
              - {name: it, match: [{uri: {%s: "%s"}}], route: [{destination: {host: pay}}]}
              - {name: other, route: [{destination: {host: pay}}]}
            """
                .formatted(kind, value));

    assertThat(router.decide(get("pay", path), dice()).rule())
        .endsWith(fits ? "rule it" : "rule other");
  }

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/x?q=//       | /new  | /new/x?q=//",
        "/api              | /new  | /new",
        "/api/             | /new  | /new/",
        "//api//x          | /new  | /new/x",
        "/%61pi/x          | /new  | /new/x",
        "/y/../api/x%2fz   | /new  | /new/x%2Fz",
        "/api/caf%c3%a9    | /new  | /new/caf%c3%a9",
        "/%61pi/caf%c3%a9  | /new  | /new/caf%C3%A9",
        "/api/caf%C3%A9    | /new  | /new/caf%C3%A9",
        "/api;v=1/x        | /new  | /new/x",
        "/api;v=1          | /new  | /new",
        "/api/x;v=1        | /new  | /new/x;v=1",
        "/api//x/.;/%2e    | /new  | /new//x/.;/%2e",
        "/api/x;v=1/..;/y  | /new  | /new/x;v=1/..;/y",
        "//api/x;v=1/..;/y | /new  | /new/y",
        "//api/x;v=1       | /new  | /new/x;v=1",
        "/api/../api/x     | /new  | /new/x",
        "/api\\x           | /new  | /new/x",
        "//api/x           | /     | /x",
      })
  void thePrefixThatMatchedIsReplaced(String path, String value, String changed) {
    Router router =
        mesh(
            http(
                "r",
                "none",
                "matches: [{path: {value: /api}}]\n    filters: [{type: RequestRedirect,"
                    + " requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: "
                    + value
                    + "}}}]"));

    assertThat(router.decide(get("pay", path), dice()))
        .isInstanceOfSatisfying(
            Decision.Redirect.class,
            redirect -> assertThat(redirect.location()).isEqualTo("http://pay" + changed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/b", "/a%20b?q=%61//..;x", "/caf%C3%A9", "/.well-known/x.y", "/", "*"})
  void whatIsNormalStaysTheSameObject(String target) {
    assertThat(get("pay", target).normalTarget()).isSameAs(target);
  }

  /** Whoever normalises once more stays there, and nothing that a path is split by is left. */
  @Test
  void theNormalFormOfAnyPathIsNormal() {
    List<String> pieces =
        List.of(
            "/", "//", "/./", "/../", "..", ".", "admin", "x", "%2e", "%2E%2e", "%2f", "%5c", "\\",
            ";", ";x=1", "..;", "%252f", "%25", "%00", "%61", "%c3%a9", "%zz", "#", "%3b");
    Random random = new Random(20_261_129);
    int changed = 0;
    for (int i = 0; i < 40_000; i++) {
      StringBuilder path = new StringBuilder("/");
      int length = 1 + random.nextInt(7);
      for (int j = 0; j < length; j++) {
        path.append(pieces.get(random.nextInt(pieces.size())));
      }
      String sent = path.toString();
      String normal = NormalPath.coded(sent);
      assertThat(NormalPath.coded(normal)).as(sent).isEqualTo(normal);
      if (!normal.equals(sent)) {
        changed++;
        assertThat(normal + "/").as(sent).doesNotContain("/./", "/../", "\\", ";");
        assertThat(normal).as(sent).doesNotContain("//");
        assertThat(NormalPath.coded(NormalPath.withParameters(sent))).as(sent).isEqualTo(normal);
      }
    }
    assertThat(changed).isGreaterThan(10_000);
  }

  @Test
  void aRouteWithoutPathsTakesEverySpelling() {
    Router router = mesh(route("HTTPRoute", "", "name: all"));

    assertThat(router.decide(get("pay", "/%zz/../..;"), dice()).rule()).endsWith("rule all");
  }
}
