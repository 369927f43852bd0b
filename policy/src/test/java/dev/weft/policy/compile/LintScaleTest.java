package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.SourceFile;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bounds are wide, because machines are; what is quadratic does not keep them. */
class LintScaleTest {

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void tenThousandDocumentsAreJudgedInBoundedTime() {
    List<SourceFile> files = new ArrayList<>();
    for (int namespace = 0; namespace < 20; namespace++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 125; i++) {
        text.append(documents("team-" + namespace + "a", "service-" + i));
      }
      files.add(new SourceFile("team-" + namespace + ".yaml", text.toString()));
    }

    Lint.Report report = Lint.report(files, "cluster.local");

    assertThat(report.documents()).isEqualTo(10_000);
    assertThat(report.diagnostics()).isEmpty();
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void tenThousandRulesOfOneRouteAreComparedInBoundedTime() {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: pay}
            spec: {selector: {app: pay}, ports: [{port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: pay}
            spec:
              parentRefs: [{group: "", kind: Service, name: pay}]
              rules:
            """);
    for (int i = 0; i < 10_000; i++) {
      text.append("  - matches: [{headers: [{name: x, value: \"").append(i).append("\"}]}]\n");
    }
    text.append("  - matches: [{path: {value: /a}}]\n");
    text.append("  - matches: [{path: {value: /a}, headers: [{name: y, value: \"1\"}]}]\n");

    List<Diagnostic> found = Lint.lint(List.of(new SourceFile("a.yaml", text.toString())));

    assertThat(found)
        .extracting(Diagnostic::code)
        .as("nothing but what Kubernetes would say to so many rules")
        .containsOnly(Code.NOT_PORTABLE.id());
  }

  private static String documents(String namespace, String name) {
    return """
        apiVersion: v1
        kind: Service
        metadata: {name: NAME, namespace: NS}
        spec: {selector: {app: NAME}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: NAME, namespace: NS}
        spec:
          parentRefs: [{group: "", kind: Service, name: NAME}]
          rules:
          - matches: [{path: {value: /a}}, {path: {value: /b}}]
            backendRefs: [{name: NAME, port: 80}]
          - backendRefs: [{name: NAME, port: 80}]
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: NAME, namespace: NS}
        spec: {selector: {matchLabels: {app: NAME}}, mtls: {mode: STRICT}}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: NAME, namespace: NS}
        spec:
          selector: {matchLabels: {app: NAME}}
          rules: [{from: [{source: {principals: [cluster.local/ns/NS/sa/service-0]}}]}]
        ---
        """
        .replace("NAME", name)
        .replace("NS", namespace);
  }
}
