package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.dice;
import static dev.weft.policy.TestMesh.http;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Decision.Forward;
import dev.weft.policy.Decision.Redirect;
import dev.weft.policy.TestMesh.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where redirects lead, and what rewrites send: Gateway API's text, row by row. */
class RouteTargetsTest {
  @Nested
  class Locations {
    /** By the text of the fields scheme, hostname, port and path of HTTPRequestRedirectFilter. */
    @ParameterizedTest(name = "{0}://pay:{1}{2}, {3}: {4}")
    @CsvSource(
        delimiter = '|',
        value = {
          // nothing changes but the path: scheme, host and port are the request's
          "http  | 80   | /a/x?y=z | ''                                | http://pay/a/x?y=z",
          "http  | 8080 | /a/x     | ''                                | http://pay:8080/a/x",
          "https | 443  | /a/x     | ''                                | https://pay/a/x",
          "https | 8443 | /a/x     | ''                                | https://pay:8443/a/x",
          "http  | 443  | /a/x     | ''                                | http://pay:443/a/x",
          // a scheme without a port means the scheme's own port
          "http  | 8080 | /a/x     | 'scheme: https'                   | https://pay/a/x",
          "https | 8443 | /a/x     | 'scheme: http'                    | http://pay/a/x",
          "http  | 8080 | /a/x     | 'scheme: http'                    | http://pay/a/x",
          // a port is written unless the scheme implies it
          "http  | 80   | /a/x     | 'port: 8080'                      | http://pay:8080/a/x",
          "http  | 8080 | /a/x     | 'port: 80'                        | http://pay/a/x",
          "http  | 8080 | /a/x     | 'port: 443'                       | http://pay:443/a/x",
          "http  | 80   | /a/x     | 'scheme: https, port: 443'        | https://pay/a/x",
          "http  | 80   | /a/x     | 'scheme: https, port: 80'         | https://pay:80/a/x",
          "http  | 80   | /a/x     | 'scheme: https, port: 8443'       | https://pay:8443/a/x",
          // a host without a port keeps the request's port
          "http  | 80   | /a/x     | 'hostname: b.org'                 | http://b.org/a/x",
          "http  | 8080 | /a/x     | 'hostname: b.org'                 | http://b.org:8080/a/x",
          "http  | 8080 | /a/x     | 'hostname: b.org, scheme: https'  | https://b.org/a/x",
          "http  | 8080 | /a/x     | 'hostname: b.org, port: 1'        | http://b.org:1/a/x",
          "http  | 80   | /a/x?y   | 'hostname: b.org, scheme: https, port: 8443, path: {type: ReplaceFullPath, replaceFullPath: /n}' | https://b.org:8443/n?y",
          // paths; the query stays
          "http  | 80   | /a/x?y=z | 'path: {type: ReplaceFullPath, replaceFullPath: /n}'       | http://pay/n?y=z",
          "http  | 80   | /a/x?y=z | 'path: {type: ReplacePrefixMatch, replacePrefixMatch: /n}' | http://pay/n/x?y=z",
          "http  | 80   | /a       | 'path: {type: ReplacePrefixMatch, replacePrefixMatch: /n}' | http://pay/n",
          "http  | 80   | /a       | 'path: {type: ReplacePrefixMatch, replacePrefixMatch: \"\"}' | http://pay/",
        })
    void locationIsMadeAsTheFieldsSay(
        String scheme, int port, String path, String redirect, String location) {
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      "matches: [{path: {value: /a}}]\n    filters: [{type: RequestRedirect,"
                          + " requestRedirect: {"
                          + redirect
                          + "}}]"))
              .documents(
                  """
                  apiVersion: v1
                  kind: Service
                  metadata: {name: pay}
                  spec:
                    selector: {app: pay}
                    ports:
                    - {name: a, port: 80, targetPort: 8080}
                    - {name: b, port: 443, targetPort: 8080}
                    - {name: c, port: 8080, targetPort: 8080}
                    - {name: d, port: 8443, targetPort: 8080}
                  """)
              .workloads("pay")
              .router();

      assertThat(router.decide(new Request(scheme, "pay", port, "GET", path, Map.of()), dice()))
          .isEqualTo(new Redirect("HTTPRoute default/r rule 0", 302, location));
    }

    @ParameterizedTest
    @CsvSource({"301", "302", "303", "307", "308"})
    void theStatusIsTheOneOfTheFilter(int status) {
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      "filters: [{type: RequestRedirect, requestRedirect: {hostname: b.org,"
                          + " statusCode: "
                          + status
                          + "}}]"))
              .workloads("pay")
              .router();

      assertThat(router.decide(get("pay", "/"), dice()))
          .isEqualTo(new Redirect("HTTPRoute default/r rule 0", status, "http://b.org/"));
    }
  }

  @Nested
  class Rewrites {
    /** The table in the text of HTTPPathModifier, and what it leaves out. */
    @ParameterizedTest(name = "{0} of {1} by {2}: {3}")
    @CsvSource({
      "/foo/bar,     /foo,  /xyz,  /xyz/bar",
      "/foo/bar,     /foo,  /xyz/, /xyz/bar",
      "/foo/bar,     /foo/, /xyz,  /xyz/bar",
      "/foo/bar,     /foo/, /xyz/, /xyz/bar",
      "/foo,         /foo,  /xyz,  /xyz",
      "/foo/,        /foo,  /xyz,  /xyz/",
      "/foo/bar,     /foo,  '',    /bar",
      "/foo/,        /foo,  '',    /",
      "/foo,         /foo,  '',    /",
      "/foo/,        /foo,  /,     /",
      "/foo,         /foo,  /,     /",
      "/foo/bar?a=/foo, /foo, /xyz, /xyz/bar?a=/foo",
      "/foo?a,       /foo,  /xyz,  /xyz?a",
      "/foo//bar,    /foo,  /xyz,  /xyz//bar",
      "/foo/%2e,     /foo,  /xyz,  /xyz/%2e",
      "/foo/bar,     /,     /xyz,  /xyz/foo/bar",
      "/,            /,     /xyz,  /xyz/",
      "/foo/bar,     /foo,  xyz,   /xyz/bar",
    })
    void aPrefixIsReplacedBySegments(String path, String prefix, String value, String expected) {
      Decision decision =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      ("matches: [{path: {value: %s}}]\n    filters: [{type: URLRewrite, urlRewrite:"
                              + " {path: {type: ReplacePrefixMatch, replacePrefixMatch: '%s'}}}]")
                          .formatted(prefix, value)))
              .workloads("pay")
              .router()
              .decide(get("pay", path), dice());

      assertThat(rewritten(decision, path)).isEqualTo(expected);
    }

    @Test
    void aBackendsRewriteGoesBeforeTheRules() {
      String rewrite =
          "[{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: %s}}}]";
      String rule =
          "filters: %s\n    backendRefs: [{name: pay, port: 80, weight: 1}, {name: pay, port: 8080,"
              + " filters: %s}]";
      Router router =
          new TestMesh()
              .documents(
                  http(
                      "r",
                      "none",
                      rule.formatted(rewrite.formatted("/rule"), rewrite.formatted("/backend"))))
              .workloads("pay")
              .router();
      SplittableRandom dice = new SplittableRandom(1);
      List<String> seen = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        Forward forward = (Forward) router.decide(get("pay", "/"), dice);
        seen.add(forward.endpoints().get(0).servicePort() + " " + rewritten(forward, "/"));
      }

      assertThat(seen).contains("80 /rule", "8080 /backend");
      assertThat(seen).containsOnly("80 /rule", "8080 /backend");
    }

    private String rewritten(Decision decision, String path) {
      assertThat(decision).isInstanceOf(Forward.class);
      RouteActions.Rewrite rewrite =
          ((Forward) decision).delivery().actions().rewrite().orElseThrow();
      return RequestTarget.changed(path, rewrite.path().orElseThrow(), "");
    }
  }
}
