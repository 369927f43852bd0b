package dev.weft.agent.balance;

import static dev.weft.agent.balance.Table.balancing;
import static dev.weft.agent.balance.Table.endpoint;
import static dev.weft.agent.balance.Table.forward;
import static dev.weft.agent.balance.Table.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Locality;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.LocalityBalancing;
import dev.weft.policy.TrafficPolicy.OutlierDetection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalitiesTest {
  private static final Self HERE = new Self(Optional.of(Locality.parse("eu/1")), "", Map.of());
  private static final OutlierDetection FIRST_ERROR =
      new OutlierDetection(
          Optional.of(1),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of(100),
          Optional.empty());

  private final Table table = new Table(HERE);

  private static Endpoint at(String name, String locality) {
    return endpoint(name, locality, 1);
  }

  private static LocalityBalancing setting(
      Map<String, Map<String, Integer>> distribute,
      Map<String, String> failover,
      List<String> priority) {
    return new LocalityBalancing(true, distribute, failover, priority);
  }

  /** What is left after endpoints have failed: the groups in the order in which they are used. */
  private String order(Table from, TrafficPolicy policy, Endpoint... endpoints) {
    Decision.Forward forward = forward(policy, endpoints);
    StringBuilder order = new StringBuilder();
    for (int left = endpoints.length; left > 0; left--) {
      Picked picked = from.pick(forward);
      order.append(picked.endpoint().workload()).append(' ');
      from.end(picked, new Outcome.Response(500));
    }
    return order.toString().strip();
  }

  private static TrafficPolicy failing(LocalityBalancing locality) {
    return policy(
        Optional.of(balancing(Algorithm.ROUND_ROBIN, locality)), Optional.of(FIRST_ERROR));
  }

  @ParameterizedTest
  @CsvSource({
    "eu/1, zone region other",
    "eu/2, region zone other",
    "us/1, other zone region|other region zone",
    "eu/1/a, zone region other"
  })
  void theZoneComesFirstThenTheRegionThenAll(String own, String orders) {
    Table from = new Table(new Self(Optional.of(Locality.parse(own)), "", Map.of()));
    TrafficPolicy policy = policy(Optional.empty(), Optional.of(FIRST_ERROR));
    String order =
        order(from, policy, at("other", "us/1"), at("region", "eu/2"), at("zone", "eu/1"));
    assertThat(order).isIn(List.of(orders.split("\\|")));
  }

  @Test
  void theOwnSubZoneComesBeforeTheZone() {
    Table from = new Table(new Self(Optional.of(Locality.parse("eu/1/b")), "", Map.of()));
    assertThat(
            order(
                from,
                policy(FIRST_ERROR),
                at("zone", "eu/1/a"),
                at("sub", "eu/1/b"),
                at("region", "eu/2/b")))
        .isEqualTo("sub zone region");
  }

  @Test
  void endpointsOfUnknownPlaceComeLastAndAWorkloadOfUnknownPlaceUsesAll() {
    Endpoint[] all = {at("lost", ""), at("region", "eu/2"), at("zone", "eu/1")};
    assertThat(order(table, policy(FIRST_ERROR), all)).isEqualTo("zone region lost");
    assertThat(new Table().count(forward(policy(balancing(Algorithm.ROUND_ROBIN)), all), 30))
        .isEqualTo(Map.of("lost", 10, "region", 10, "zone", 10));
  }

  @Test
  void thePlaceOfTheWorkloadIsThatOfItsLabelsWhenNoSettingSaysIt() {
    Table from = new Table();
    Decision.Forward forward = forward(at("other", "us/1"), at("zone", "eu/1"));
    from.choice.keep(
        Table.snapshot(
            Map.of("topology.kubernetes.io/region", "us", "topology.kubernetes.io/zone", "1"),
            forward.service()));
    assertThat(from.count(forward, 20)).isEqualTo(Map.of("other", 20));
  }

  @Test
  void nearnessCanBeSwitchedOff() {
    LocalityBalancing off = new LocalityBalancing(false, Map.of(), Map.of(), List.of());
    Decision.Forward forward =
        forward(
            policy(balancing(Algorithm.ROUND_ROBIN, off)), at("other", "us/1"), at("zone", "eu/1"));
    assertThat(table.count(forward, 20)).isEqualTo(Map.of("other", 10, "zone", 10));
  }

  @Test
  void aRegionStandsInForAnother() {
    LocalityBalancing setting = setting(Map.of(), Map.of("eu", "us", "ap", "eu"), List.of());
    for (int i = 0; i < 5; i++) {
      assertThat(
              order(
                  new Table(HERE),
                  failing(setting),
                  at("ap", "ap/1"),
                  at("us", "us/1"),
                  at("zone", "eu/1")))
          .isEqualTo("zone us ap");
    }
  }

  @Test
  void aZoneKeepsItsTrafficUntilFiveInSevenOfItsEndpointsAreNotEnough() {
    Endpoint[] all = new Endpoint[11];
    for (int i = 0; i < 10; i++) {
      all[i] = at("n" + i, "eu/1");
    }
    all[10] = at("far", "us/1");
    Decision.Forward forward = forward(policy(FIRST_ERROR), all);
    for (int i = 0; i < 2; i++) {
      table.hit(forward, "n" + i, new Outcome.Response(500));
    }
    assertThat(table.count(forward, 300)).doesNotContainKey("far"); // 8 of 10: 112 %

    for (int i = 2; i < 5; i++) {
      table.hit(forward, "n" + i, new Outcome.Response(500));
    }
    // 5 of 10: the zone takes 70 %
    assertThat(table.count(forward, 3000).get("far")).isBetween(800, 1000);
  }

  @Test
  void aRequestThatFailedInItsZoneGoesOnToTheNext() {
    Endpoint near = at("zone", "eu/1");
    Decision.Forward forward = forward(near, at("region", "eu/2"), at("other", "us/1"));
    assertThat(table.name(forward, Table.Request.PLAIN, near)).isEqualTo("region");
  }

  @Test
  void anEndpointNearbyIsProbedThoughOthersTakeTheTraffic() {
    Endpoint near = at("zone", "eu/1");
    Decision.Forward forward = forward(policy(FIRST_ERROR), near, at("region", "eu/2"));
    table.hit(forward, "zone", new Outcome.Response(500));
    assertThat(table.count(forward, 10)).containsOnlyKeys("region");
    table.pass(30);
    assertThat(table.count(forward, 10)).isEqualTo(Map.of("zone", 10));
  }

  @Test
  void trafficIsDistributedByShares() {
    LocalityBalancing setting =
        setting(
            Map.of(
                "eu/1/*", Map.of("eu/1/*", 70, "eu/2", 20, "us/*", 10),
                "eu/*", Map.of("us/*", 100)),
            Map.of(),
            List.of());
    Endpoint[] all = {
      at("a", "eu/1/x"), at("b", "eu/2"), at("c", "us/1"), at("d", "us/2"), at("no", "ap/1")
    };
    Map<String, Integer> counts =
        table.count(forward(policy(balancing(Algorithm.RANDOM, setting)), all), 4000);
    assertThat(counts).containsOnlyKeys("a", "b", "c", "d");
    assertThat(counts.get("a")).isBetween(2650, 2950);
    assertThat(counts.get("b")).isBetween(680, 920);
    assertThat(counts.get("c") + counts.get("d")).isBetween(300, 500);
  }

  @Test
  void aShareWithoutEndpointsGoesToTheOthersAndAPlaceWithoutAShareGetsNothing() {
    LocalityBalancing setting =
        setting(Map.of("eu/*", Map.of("eu/1", 90, "us/1", 10)), Map.of(), List.of());
    Decision.Forward forward = forward(failing(setting), at("us", "us/1"), at("ap", "ap/1"));
    assertThat(table.count(forward, 20)).isEqualTo(Map.of("us", 20));
    table.hit(forward, "us", new Outcome.Response(500));
    assertThat(table.name(forward)).isEqualTo("nobody");

    // Where no place with a share has any endpoint, all count.
    assertThat(table.name(forward(failing(setting), at("ap", "ap/1")))).isEqualTo("ap");
  }

  @Test
  void labelsSayWhatIsNear() {
    Table from = new Table();
    Endpoint[] all = {
      labelled("none", "n2", "blue"), labelled("both", "n1", "green"), labelled("one", "n1", "blue")
    };
    LocalityBalancing setting = setting(Map.of(), Map.of(), List.of("network", "color=green"));
    Decision.Forward forward = forward(failing(setting), all);
    from.choice.keep(Table.snapshot(Map.of("network", "n1"), forward.service()));
    assertThat(order(from, failing(setting), all)).isEqualTo("both one none");
  }

  @Test
  void aLaterLabelCountsOnlyAfterTheOnesBefore() {
    Table from = new Table();
    Endpoint[] all = {labelled("second", "n2", "green"), labelled("first", "n1", "blue")};
    LocalityBalancing setting = setting(Map.of(), Map.of(), List.of("network", "color=green"));
    Decision.Forward forward = forward(failing(setting), all);
    from.choice.keep(Table.snapshot(Map.of("network", "n1"), forward.service()));
    assertThat(order(from, failing(setting), all)).isEqualTo("first second");
  }

  @Test
  void zonesAreLabelsToo() {
    LocalityBalancing setting =
        setting(Map.of(), Map.of(), List.of("topology.kubernetes.io/region"));
    table.choice.keep(Table.snapshot(Map.of()));
    assertThat(order(table, failing(setting), at("us", "us/1"), at("eu", "eu/2")))
        .isEqualTo("eu us");
  }

  private static Endpoint labelled(String name, String network, String color) {
    Endpoint plain = endpoint(name);
    return new Endpoint(
        plain.address(),
        plain.port(),
        plain.servicePort(),
        name,
        "",
        Map.of("network", network, "color", color),
        true);
  }
}
