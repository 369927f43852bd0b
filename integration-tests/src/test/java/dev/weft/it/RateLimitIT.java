package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Program;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** What clients send: the instances of a service share a limit of the mesh, and no other. */
@OnEachJdk
class RateLimitIT {
  private static final int MOST = 20;

  /** Nothing grows back while the story lasts; every run has a budget of its own. */
  private static final String LIMITS =
      """
      apiVersion: weft.dev/v1alpha1
      kind: RateLimitPolicy
      metadata: {name: pay}
      spec:
        targetRefs: [{kind: Service, name: pay}]
        requests:
        - name: shared
          side: Client
          requests: 20
          per: 24h
          scope: Mesh
          matches: [{path: {value: /shared}}]
          by: [{type: Header, name: x-run}]
        - name: own
          side: Client
          requests: 20
          per: 24h
          matches: [{path: {value: /own}}]
          by: [{type: Header, name: x-run}]
      """;

  @Parameter private Jdk jdk;

  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void instancesShareABudgetAndTheLastOneGetsAllOfIt() throws Exception {
    try (TestMesh mesh =
        TestMesh.start(
            "rate-limit", jdk, Documents.with(Documents.strict("pay"), "limits.yaml", LIMITS))) {
      mesh.serve(TestMesh.server("pay", "app.Echo"));
      Client one = TestMesh.ready(mesh.local().run(program("one")));
      TestMesh.eventually(() -> assertThat(passed(one, "shared", fresh())).isEqualTo(MOST));

      Child second = mesh.local().run(program("two"));
      Client two = TestMesh.ready(second);
      TestMesh.eventually(() -> assertThat(passed(one, "shared", fresh())).isEqualTo(MOST / 2));
      TestMesh.eventually(() -> assertThat(passed(two, "shared", fresh())).isEqualTo(MOST / 2));
      String together = fresh();
      assertThat(passed(one, "shared", together) + passed(two, "shared", together)).isEqualTo(MOST);
      String apart = fresh();
      assertThat(passed(one, "own", apart)).isEqualTo(MOST);
      assertThat(passed(two, "own", apart)).isEqualTo(MOST);

      second.kill();
      TestMesh.eventually(() -> assertThat(passed(one, "shared", fresh())).isEqualTo(MOST));
      // What was spent stays spent.
      assertThat(passed(one, "shared", together)).isZero();
    }
  }

  private static Program program(String name) {
    return Program.of("web", List.of("-cp", Built.JARS.shop().toString(), "shop.Client"))
        .named(name);
  }

  private String fresh() {
    return "run-" + runs.incrementAndGet();
  }

  /** How many of some more requests than may go come through; the others are told why not. */
  private static int passed(Client client, String path, String run) throws Exception {
    int passed = 0;
    for (int i = 0; i < MOST + 3; i++) {
      Answer answer = client.get("http://pay/" + path, "x-run=" + run);
      if (answer.ok()) {
        passed++;
      } else {
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.reason()).isEqualTo("RL; RateLimitPolicy default/pay limit " + path);
      }
    }
    return passed;
  }
}
