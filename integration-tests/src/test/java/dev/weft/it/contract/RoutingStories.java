package dev.weft.it.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Where requests go. */
interface RoutingStories extends Stories {
  static void declare(Declarations policy) throws IOException {
    policy
        .service("exact", 1)
        .service("exact-hit", 1)
        .route(
            "exact",
            """
            - matches: [{path: {type: Exact, value: /a/b}}]
              backendRefs: [{name: exact-hit, port: 80}]
            - backendRefs: [{name: exact, port: 80}]
            """);
  }

  @Test
  default void anExactPathMatchesItselfOnly() throws Exception {
    assertThat(get("http://exact/a/b").text()).isEqualTo("exact-hit-0");
    assertThat(get("http://exact/a/b?c=d").text()).isEqualTo("exact-hit-0");
    assertThat(get("http://exact/a/b/").text()).isEqualTo("exact-0");
    assertThat(get("http://exact/a/b/c").text()).isEqualTo("exact-0");
  }
}
