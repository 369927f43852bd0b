package dev.weft.policy;

import static dev.weft.policy.TestMesh.Request.get;
import static dev.weft.policy.TestMesh.http;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Sessions.Hold;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which backend of a rule a call with a session goes to. */
class StickyBackendsTest {
  private static final String PERSISTENT = "\n    sessionPersistence: {cookie: {name: shop}}";
  private static final String BACKENDS =
      "backendRefs: [{name: pay, port: 80, weight: 99}, {name: canary, port: 80, weight: 1},"
          + " {name: old, port: 80, weight: 0}, {name: gone, port: 80, weight: 100}]";

  private static Router router(String rule) {
    return new TestMesh()
        .documents(http("r", "none", rule))
        .workloads("pay", "canary", "old")
        .router();
  }

  /** The backends that many calls of one session get, and what rejects them. */
  private static Set<String> seen(String rule, Map<String, Hold> holds) {
    Router router = router(rule);
    SplittableRandom dice = new SplittableRandom(5);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      Decision decision =
          router.decide(
              get("pay", "/"),
              dice,
              (forward, call) -> holds.getOrDefault(forward.service().name(), Hold.NONE));
      seen.add(decision instanceof Decision.Forward forward ? forward.service().name() : "500");
    }
    return seen;
  }

  @Test
  void aSessionGoesBeforeTheWeights() {
    for (String backend : List.of("pay", "canary", "old")) {
      assertThat(seen(BACKENDS + PERSISTENT, Map.of(backend, Hold.ENDPOINT)))
          .containsExactly(backend);
    }
  }

  @Test
  void aCallWithoutSessionGoesByTheWeights() {
    assertThat(seen(BACKENDS + PERSISTENT, Map.of()))
        .containsExactlyInAnyOrder("pay", "canary", "500");
  }

  @Test
  void aSessionWhoseEndpointIsGoneStaysAtItsBackend() {
    assertThat(seen(BACKENDS + PERSISTENT, Map.of("canary", Hold.SERVICE)))
        .containsExactly("canary");
  }

  @Test
  void butNotWhereNoNewOnesAreWantedOrNobodyCanTell() {
    assertThat(seen(BACKENDS + PERSISTENT, Map.of("old", Hold.SERVICE)))
        .containsExactlyInAnyOrder("pay", "canary", "500");
    assertThat(seen(BACKENDS + PERSISTENT, Map.of("pay", Hold.SERVICE, "canary", Hold.SERVICE)))
        .containsExactlyInAnyOrder("pay", "canary", "500");
  }

  @Test
  void nobodyIsAskedForSessionsWhereARuleKeepsNone() {
    Router router = router(BACKENDS);
    SplittableRandom dice = new SplittableRandom(5);
    Sessions never =
        (forward, call) -> {
          throw new AssertionError("asked");
        };
    for (int i = 0; i < 100; i++) {
      assertThat(router.decide(get("pay", "/"), dice, never)).isNotNull();
    }
  }
}
