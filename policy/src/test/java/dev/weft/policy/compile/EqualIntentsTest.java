package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Route;
import dev.weft.policy.Service;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import dev.weft.policy.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One intent, said in Gateway API and in Istio: the models are equal but for the names of documents
 * and rules.
 */
class EqualIntentsTest {

  static Stream<Arguments> intents() {
    return Stream.of(
        intent(
            "a header leads to the canary",
            """
            - matches: [{headers: [{name: x-canary, value: "yes"}]}]
              backendRefs: [{name: pay-v2, port: 80}]
            - backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - match: [{headers: {x-canary: {exact: "yes"}}}]
              route: [{destination: {host: pay-v2, port: {number: 80}}}]
            - route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "weights",
            """
            - backendRefs:
              - {name: pay-v1, port: 80, weight: 90}
              - {name: pay-v2, port: 80, weight: 10}
            """,
            """
            - route:
              - {destination: {host: pay-v1, port: {number: 80}}, weight: 90}
              - {destination: {host: pay-v2.default.svc.cluster.local, port: {number: 80}}, weight: 10}
            """),
        intent(
            "an exact path",
            """
            - matches: [{path: {type: Exact, value: /health}}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - match: [{uri: {exact: /health}}]
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "an expression",
            """
            - matches: [{path: {type: RegularExpression, value: "/orders/[^/]+"}}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - match: [{uri: {regex: "/orders/[^/]+"}}]
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "a method",
            """
            - matches: [{method: POST}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - match: [{method: {exact: POST}}]
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "a query parameter",
            """
            - matches:
              - queryParams: [{name: debug, value: "1"}, {type: RegularExpression, name: q, value: "a+"}]
              backendRefs: [{name: pay-v2, port: 80}]
            """,
            """
            - match: [{queryParams: {debug: {exact: "1"}, q: {regex: "a+"}}}]
              route: [{destination: {host: pay-v2, port: {number: 80}}}]
            """),
        intent(
            "a redirect",
            """
            - matches: [{path: {type: Exact, value: /old}}]
              filters:
              - type: RequestRedirect
                requestRedirect: {scheme: https, hostname: new.example.com, path: {type: ReplaceFullPath, replaceFullPath: /new}, statusCode: 301}
            """,
            """
            - match: [{uri: {exact: /old}}]
              redirect: {scheme: https, authority: new.example.com, uri: /new}
            """),
        intent(
            "a redirect to another port",
            """
            - filters: [{type: RequestRedirect, requestRedirect: {port: 8443, statusCode: 302}}]
            """,
            """
            - redirect: {port: 8443, redirectCode: 302}
            """),
        intent(
            "a mirror of all requests",
            """
            - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: pay-v2, port: 80}, percent: 100}}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - mirror: {host: pay-v2, port: {number: 80}}
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "a mirror of some requests",
            """
            - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: pay-v2, port: 80}, percent: 5}}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - mirrors: [{destination: {host: pay-v2, port: {number: 80}}, percentage: {value: 5.0}}]
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "timeouts",
            """
            - timeouts: {request: 2s, backendRequest: 500ms}
              retry: {attempts: 3, codes: [503], backoff: 50ms}
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - timeout: 2s
              retries: {attempts: 3, perTryTimeout: 500ms, backoff: 50ms, retryOn: "503,connect-failure,refused-stream,reset"}
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "a timeout alone",
            """
            - timeouts: {request: 1m30s}
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - timeout: 90s
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "headers are edited",
            """
            - filters:
              - type: RequestHeaderModifier
                requestHeaderModifier: {set: [{name: x-a, value: "1"}], add: [{name: x-b, value: "2"}], remove: [x-c]}
              - type: ResponseHeaderModifier
                responseHeaderModifier: {set: [{name: server, value: weft}]}
              backendRefs:
              - name: pay-v1
                port: 80
                filters: [{type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: x-d, value: "3"}]}}]
            """,
            """
            - headers:
                request: {set: {x-a: "1"}, add: {x-b: "2"}, remove: [x-c]}
                response: {set: {server: weft}}
              route:
              - destination: {host: pay-v1, port: {number: 80}}
                headers: {request: {add: {x-d: "3"}}}
            """),
        intent(
            "the host is rewritten",
            """
            - filters: [{type: URLRewrite, urlRewrite: {hostname: pay.example.com}}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - rewrite: {authority: pay.example.com}
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "the whole path is rewritten",
            """
            - matches: [{path: {type: Exact, value: /old}}]
              filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /new}}}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - match: [{uri: {exact: /old}}]
              rewrite: {uri: /new}
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "every path gets a prefix",
            """
            - matches: [{path: {type: PathPrefix, value: /}}]
              filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v1/}}}]
              backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - match: [{uri: {prefix: /}}]
              rewrite: {uri: /v1/}
              route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """),
        intent(
            "the first of several matches",
            """
            - matches: [{path: {type: Exact, value: /a}}, {path: {type: Exact, value: /b}, method: GET}]
              backendRefs: [{name: pay-v2, port: 80}]
            - backendRefs: [{name: pay-v1, port: 80}]
            """,
            """
            - match: [{uri: {exact: /b}, method: {exact: GET}}, {uri: {exact: /a}}]
              route: [{destination: {host: pay-v2, port: {number: 80}}}]
            - route: [{destination: {host: pay-v1, port: {number: 80}}}]
            """));
  }

  private static Arguments intent(String name, String gateway, String istio) {
    return Arguments.of(name, gateway, istio);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("intents")
  void areEqualModels(String name, String gateway, String istio) {
    assertThat(model(virtualService("default", "pay", istio), "web"))
        .isEqualTo(model(httpRoute("default", "pay", gateway), "web"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("intents")
  void areEqualForConsumersToo(String name, String gateway, String istio) {
    String full = "pay.default.svc.cluster.local";
    Object asIstio = model(virtualService("shop", full, inDefault(istio)), "cart");
    Object asGateway = model(httpRoute("shop", "pay", gateway), "cart");

    assertThat(asIstio).isEqualTo(asGateway);
    assertThat(model(virtualService("shop", full, inDefault(istio)), "web"))
        .isEqualTo(model("", "web"));
  }

  /** Hosts with the namespace that is theirs, for documents of another one. */
  private static String inDefault(String istio) {
    return istio.replaceAll("host: (pay-v[12]|nobody)([,}])", "host: $1.default$2");
  }

  private static String virtualService(String namespace, String host, String rules) {
    return """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: one, namespace: %s}
        spec:
          hosts: [%s]
          http:
        """
            .formatted(namespace, host)
        + rules.indent(2);
  }

  private static String httpRoute(String namespace, String service, String rules) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: other, namespace: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: %s, namespace: default}]
          rules:
        """
            .formatted(namespace, service)
        + rules
            .replaceAll("\\{name: (pay-v[12]|nobody),", "{name: $1, namespace: default,")
            .replaceAll("- name: pay-v1\n", "- name: pay-v1\n    namespace: default\n")
            .indent(2);
  }

  /** What a client hears of the service, without the names of documents and rules. */
  private static List<Object> model(String document, String client) {
    PolicyStore policy = PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", document)));
    List<Workload> workloads = new ArrayList<>();
    for (String service : List.of("pay", "pay-v1", "pay-v2", "web")) {
      workloads.add(workload(service, "default"));
    }
    workloads.add(workload("cart", "shop"));
    CompiledMesh mesh = MeshCompiler.compile(policy, workloads, "cluster.local", List.of());
    assertThat(policy.diagnostics()).noneMatch(EqualIntentsTest::isError);
    assertThat(mesh.diagnostics()).noneMatch(EqualIntentsTest::isError);
    Workload asking =
        workloads.stream().filter(one -> one.service().equals(client)).findFirst().orElseThrow();
    Service pay =
        mesh.snapshotFor(asking).services().stream()
            .filter(service -> service.key().equals("default/pay"))
            .findFirst()
            .orElseThrow();
    List<Object> routes = new ArrayList<>();
    for (Route route : pay.routes()) {
      routes.add(withoutNames(Trees.toTree(route)));
    }
    return routes;
  }

  private static boolean isError(Diagnostic diagnostic) {
    return diagnostic.severity() == Severity.ERROR;
  }

  /** Names of routes and rules are the documents' own; those of headers and subsets are not. */
  private static Map<String, Object> withoutNames(Map<String, Object> route) {
    Map<String, Object> tree = new LinkedHashMap<>(route);
    tree.remove("name");
    List<Object> rules = new ArrayList<>();
    for (Object rule : (List<?>) route.get("rules")) {
      Map<Object, Object> without = new LinkedHashMap<>((Map<?, ?>) rule);
      without.remove("name");
      rules.add(without);
    }
    tree.put("rules", rules);
    return tree;
  }

  private static Workload workload(String service, String namespace) {
    return new Workload(
        service + "-1",
        service,
        namespace,
        service,
        "spiffe://cluster.local/ns/" + namespace + "/sa/" + service,
        "10.0.0." + (service.length() + namespace.length()),
        Map.of(),
        List.of(8080),
        Map.of(),
        true);
  }
}
