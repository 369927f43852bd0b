package dev.weft.agent.balance;

import static dev.weft.agent.balance.Table.balancing;
import static dev.weft.agent.balance.Table.endpoint;
import static dev.weft.agent.balance.Table.forward;
import static dev.weft.agent.balance.Table.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.balance.Table.Request;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.HashKey;
import dev.weft.policy.TrafficPolicy.HashSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HashingTest {
  private static final HashKey USER =
      new HashKey(HashSource.HEADER, "x-user", Optional.empty(), Optional.empty());

  private final Table table = new Table();

  private static Endpoint[] endpoints(int count) {
    Endpoint[] endpoints = new Endpoint[count];
    for (int i = 0; i < count; i++) {
      endpoints[i] = endpoint("e" + i);
    }
    return endpoints;
  }

  private Map<String, String> placed(Table from, Decision.Forward forward, int users) {
    Map<String, String> places = new HashMap<>();
    for (int i = 0; i < users; i++) {
      places.put("user-" + i, from.name(forward, Request.with("x-user", "user-" + i)));
    }
    return places;
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void equalKeysGoToEqualEndpointsInEveryProcess(Algorithm algorithm) {
    Endpoint[] endpoints = endpoints(10);
    List<Endpoint> shuffled = new ArrayList<>(List.of(endpoints));
    Collections.reverse(shuffled);
    Decision.Forward here = forward(policy(balancing(algorithm, USER)), endpoints);
    Decision.Forward there =
        forward(policy(balancing(algorithm, USER)), shuffled.toArray(new Endpoint[0]));

    Map<String, String> places = placed(table, here, 500);

    assertThat(places).isEqualTo(placed(table, here, 500));
    assertThat(places).isEqualTo(placed(new Table(), there, 500));
    assertThat(Set.copyOf(places.values())).hasSize(10);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void keysSpreadByWeight(Algorithm algorithm) {
    Decision.Forward forward =
        forward(
            policy(balancing(algorithm, USER)),
            endpoint("a", 2),
            endpoint("b", 1),
            endpoint("c", 1));
    long heavy = placed(table, forward, 2000).values().stream().filter("a"::equals).count();
    assertThat(heavy).isBetween(850L, 1150L);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void aMissingEndpointMovesFewKeysButItsOwn(Algorithm algorithm) {
    Endpoint[] all = endpoints(10);
    Map<String, String> before =
        placed(table, forward(policy(balancing(algorithm, USER)), all), 1000);
    Map<String, String> after =
        placed(
            table,
            forward(
                policy(balancing(algorithm, USER)),
                List.of(all).subList(1, 10).toArray(new Endpoint[0])),
            1000);
    long moved =
        before.entrySet().stream()
            .filter(place -> !place.getValue().equals("e0"))
            .filter(place -> !place.getValue().equals(after.get(place.getKey())))
            .count();
    // Maglev trades a few moves for even shares.
    assertThat(moved).isLessThanOrEqualTo(algorithm == Algorithm.RING_HASH ? 0 : 60);
  }

  @ParameterizedTest
  @EnumSource(names = {"RING_HASH", "MAGLEV"})
  void aFailedAttemptGoesToTheNextHostOfItsKey(Algorithm algorithm) {
    Decision.Forward forward = forward(policy(balancing(algorithm, USER)), endpoints(5));
    Set<String> seconds = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      Request request = Request.with("x-user", "user-" + i);
      Picked first = table.pick(forward, request);
      table.end(first, new Outcome.Response(503));
      String second = table.name(forward, request, first.endpoint());
      assertThat(second)
          .isNotEqualTo(first.endpoint().workload())
          .isEqualTo(table.name(forward, request, first.endpoint()));
      seconds.add(first.endpoint().workload() + second);
    }
    // A host's keys do not all move to the same other one.
    assertThat(seconds).hasSizeGreaterThan(10);
  }

  @Test
  void aRequestWithoutTheKeyGoesAnywhere() {
    Decision.Forward forward = forward(policy(balancing(Algorithm.RING_HASH, USER)), endpoints(5));
    assertThat(table.count(forward, 200)).hasSize(5);
  }

  @Test
  void theQueryAndCookiesAreKeys() {
    HashKey query = new HashKey(HashSource.QUERY, "id", Optional.empty(), Optional.empty());
    HashKey cookie = new HashKey(HashSource.COOKIE, "id", Optional.empty(), Optional.empty());
    Endpoint[] all = endpoints(20);
    Decision.Forward byHeader = forward(policy(balancing(Algorithm.MAGLEV, USER)), all);
    Decision.Forward byQuery = forward(policy(balancing(Algorithm.MAGLEV, query)), all);
    Decision.Forward byCookie = forward(policy(balancing(Algorithm.MAGLEV, cookie)), all);
    for (String id : List.of("1", "2", "a b")) {
      String place = table.name(byHeader, Request.with("x-user", id));
      assertThat(table.name(byQuery, Request.to("/x?b=3&id=" + id.replace(" ", "%20"))))
          .isEqualTo(place);
      assertThat(table.name(byCookie, Request.with("Cookie", "b=3; id=" + id))).isEqualTo(place);
      assertThat(table.name(byCookie, Request.with("Cookie", "id=\"" + id + "\"; b=1")))
          .isEqualTo(place);
    }
  }

  @Test
  void theSourceIsTheWorkloadItself() {
    HashKey source = new HashKey(HashSource.SOURCE, "", Optional.empty(), Optional.empty());
    Decision.Forward forward =
        forward(policy(balancing(Algorithm.RING_HASH, source)), endpoints(20));
    Set<String> places = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      Table other = new Table(new Self(Optional.empty(), "10.1.0." + i, Map.of()));
      assertThat(other.count(forward, 20)).hasSize(1);
      places.add(other.name(forward));
    }
    assertThat(places).hasSizeGreaterThan(5);
  }

  @Test
  void aCookieIsMadeOnlyWhenItIsAskedForAndKeepsItsPlace() {
    HashKey made =
        new HashKey(
            HashSource.COOKIE, "place", Optional.of(Duration.ofHours(1)), Optional.of("/shop"));
    Decision.Forward forward = forward(policy(balancing(Algorithm.RING_HASH, made)), endpoints(20));
    for (int i = 0; i < 20; i++) {
      Picked picked = table.pick(forward);
      HeaderEdit edit = picked.responseHeader().orElseThrow();
      assertThat(edit.kind()).isEqualTo(HeaderEdit.Kind.ADD);
      assertThat(edit.name()).isEqualTo("Set-Cookie");
      assertThat(edit.value()).matches("place=[0-9a-f]{32}; Path=/shop; Max-Age=3600; HttpOnly");
      String cookie = edit.value().substring(0, edit.value().indexOf(';'));

      Picked again = table.pick(forward, Request.with("Cookie", cookie));

      assertThat(again.endpoint()).isEqualTo(picked.endpoint());
      assertThat(again.responseHeader()).isEmpty();
    }
  }

  @Test
  void aCookieOfNoTimeLivesAsLongAsTheBrowser() {
    HashKey made =
        new HashKey(HashSource.COOKIE, "place", Optional.of(Duration.ZERO), Optional.empty());
    Decision.Forward forward = forward(policy(balancing(Algorithm.RING_HASH, made)), endpoints(2));
    assertThat(table.pick(forward).responseHeader().orElseThrow().value())
        .matches("place=[0-9a-f]{32}; HttpOnly");
  }

  @Test
  void moreEndpointsThanTheRingIsLongHaveAPlaceEach() {
    List<Member> members = new ArrayList<>();
    for (Endpoint endpoint : endpoints(3000)) {
      members.add(
          new Member(
              endpoint,
              new EndpointState(
                  new EndpointLoad(0, EndpointLoad.START, Duration.ZERO),
                  new Standing(),
                  0,
                  true)));
    }
    HashTable ring = HashTable.Ring.of(members, 1024);
    Set<Integer> owners = new HashSet<>();
    for (int slot = 0; slot < ring.slots(); slot++) {
      owners.add(ring.member(slot));
    }
    assertThat(owners).hasSize(3000);
  }
}
