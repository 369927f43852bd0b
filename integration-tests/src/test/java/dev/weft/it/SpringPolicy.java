package dev.weft.it;

import java.util.Map;

/** The policy of {@link SpringMesh}. */
final class SpringPolicy {
  private static final String EVERY_TRACE =
      """
      apiVersion: weft.dev/v1alpha1
      kind: MeshConfig
      metadata: {name: mesh}
      spec:
        tracing: {samplingPercent: 100}
      """;

  private static final String VERSIONS =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: hello}
      spec:
        selector: {app: nobody}
        ports: [{name: http, port: 80, targetPort: http, appProtocol: http}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: hello}
      spec:
        parentRefs: [{group: "", kind: Service, name: hello}]
        rules:
          - matches: [{headers: [{name: x-tester, value: v4}]}]
            backendRefs: [{name: four, port: 80}]
          - backendRefs: [{name: three, port: 80}]
      """;

  private SpringPolicy() {}

  /**
   * {@code hello} is {@code three}, or {@code four} for those with a header; {@code nobody} has no
   * endpoint. Of both applications, {@code /flaky} is retried and {@code /held/timeout} has a
   * timeout; {@code /vault} is open to the other one only.
   */
  static Map<String, String> documents() {
    Map<String, String> documents = Documents.strict("three", "four", "nobody");
    documents.put("mesh.yaml", EVERY_TRACE);
    documents.put("hello.yaml", VERSIONS);
    documents.put("three-rules.yaml", rules("three", "four"));
    documents.put("four-rules.yaml", rules("four", "three"));
    return documents;
  }

  private static String rules(String application, String other) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: APPLICATION}
    spec:
      parentRefs: [{group: "", kind: Service, name: APPLICATION}]
      rules:
        - matches: [{path: {type: PathPrefix, value: /flaky}}]
          backendRefs: [{name: APPLICATION, port: 80}]
          retry: {codes: [503], attempts: 3, backoff: 1ms}
        - matches: [{path: {type: PathPrefix, value: /held/timeout}}]
          backendRefs: [{name: APPLICATION, port: 80}]
          timeouts: {request: 1s}
        - backendRefs: [{name: APPLICATION, port: 80}]
    ---
    apiVersion: weft.dev/v1alpha1
    kind: ResiliencePolicy
    metadata: {name: APPLICATION}
    spec:
      targetRefs: [{kind: Service, name: APPLICATION}]
      retryBudget: {percent: 100, minPerSecond: 100}
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: APPLICATION}
    spec:
      selector:
        matchLabels: {app: APPLICATION}
      action: ALLOW
      rules:
        - to: [{operation: {notPaths: [/vault]}}]
        - from: [{source: {principals: [cluster.local/ns/default/sa/OTHER]}}]
    """
        .replace("APPLICATION", application)
        .replace("OTHER", other);
  }
}
