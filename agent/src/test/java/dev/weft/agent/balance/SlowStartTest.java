package dev.weft.agent.balance;

import static dev.weft.agent.balance.Table.endpoint;
import static dev.weft.agent.balance.Table.forward;
import static dev.weft.agent.balance.Table.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SlowStartTest {
  private static final int TIMES = 6000;

  private final Table table = new Table();
  private final Endpoint a = endpoint("a");
  private final Endpoint b = endpoint("b");
  private final Endpoint c = endpoint("c");
  private final Endpoint young = endpoint("young");

  private static TrafficPolicy within(Algorithm algorithm) {
    return policy(
        new LoadBalancing(
            algorithm,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(Duration.ofSeconds(100)),
            Optional.empty()));
  }

  private int share(Decision.Forward forward) {
    return table.count(forward, TIMES).getOrDefault("young", 0) * 1000 / TIMES;
  }

  /** Shares are in thousandths: a quarter is the full one of four. */
  @ParameterizedTest
  @EnumSource(names = {"ROUND_ROBIN", "RANDOM", "LEAST_REQUEST"})
  void aNewEndpointsShareGrowsLinearly(Algorithm algorithm) {
    TrafficPolicy policy = within(algorithm);
    table.name(forward(policy, a, b, c));
    table.pass(1000);
    Decision.Forward joined = forward(policy, a, b, c, young);

    assertThat(share(joined)).as("a tenth at first").isBetween(15, 50);
    table.pass(50);
    assertThat(share(joined)).as("half of it at half time").isBetween(110, 180);
    table.pass(50);
    assertThat(share(joined)).isBetween(220, 280);
  }

  @ParameterizedTest
  @EnumSource(names = {"ROUND_ROBIN", "RANDOM", "LEAST_REQUEST"})
  void theFirstEndpointsOfAServiceAreNotNew(Algorithm algorithm) {
    assertThat(share(forward(within(algorithm), a, b, c, young))).isBetween(220, 280);
  }

  @ParameterizedTest
  @EnumSource(names = {"ROUND_ROBIN", "RANDOM", "LEAST_REQUEST", "PEAK_EWMA"})
  void newEndpointsTakeEverythingWhereNobodyElseIsLeft(Algorithm algorithm) {
    TrafficPolicy policy = within(algorithm);
    table.name(forward(policy, a, young));
    assertThat(table.count(forward(policy, b, c), 100)).containsOnlyKeys("b", "c");
  }
}
