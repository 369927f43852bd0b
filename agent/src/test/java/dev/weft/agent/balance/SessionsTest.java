package dev.weft.agent.balance;

import static dev.weft.agent.balance.Table.endpoint;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.balance.Table.Request;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.RouteActions.SessionKind;
import dev.weft.policy.RouteActions.SessionPersistence;
import dev.weft.policy.Sessions.Hold;
import dev.weft.policy.Snapshot;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.OutlierDetection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Table table = new Table();
  private final List<Endpoint> ten = new ArrayList<>();

  SessionsTest() {
    for (int i = 0; i < 10; i++) {
      ten.add(endpoint("e" + i));
    }
  }

  private static SessionPersistence session(
      SessionKind kind, Optional<Duration> absolute, Optional<Duration> idle, boolean permanent) {
    return new SessionPersistence(kind, "sticky", absolute, idle, permanent);
  }

  private static SessionPersistence cookie() {
    return session(SessionKind.COOKIE, Optional.empty(), Optional.empty(), false);
  }

  private Decision.Forward in(SessionPersistence session) {
    return Table.forward(ten, List.of(), Optional.of(session));
  }

  private static String key(Picked picked) {
    HeaderEdit edit = picked.responseHeader().orElseThrow();
    String value = edit.value();
    return edit.kind() == HeaderEdit.Kind.ADD
        ? value.substring("sticky=".length(), value.indexOf(';'))
        : value;
  }

  private static Request with(String key) {
    return Request.with("Cookie", "a=b; sticky=" + key);
  }

  @Test
  void laterRequestsFindTheSameEndpointByTheirCookie() {
    Decision.Forward forward = in(cookie());
    for (int i = 0; i < 20; i++) {
      Picked first = table.pick(forward);
      assertThat(first.responseHeader().orElseThrow().name()).isEqualTo("Set-Cookie");
      assertThat(first.responseHeader().orElseThrow().value())
          .matches("sticky=[A-Za-z0-9_-]+; Path=/; HttpOnly");
      Picked second = table.pick(forward, with(key(first)));
      assertThat(second.endpoint()).isEqualTo(first.endpoint());
      assertThat(second.responseHeader()).isEmpty();
    }
  }

  @Test
  void orByTheirHeader() {
    Decision.Forward forward =
        in(session(SessionKind.HEADER, Optional.empty(), Optional.empty(), false));
    Picked first = table.pick(forward);
    assertThat(first.responseHeader().orElseThrow().kind()).isEqualTo(HeaderEdit.Kind.SET);
    assertThat(first.responseHeader().orElseThrow().name()).isEqualTo("sticky");
    for (int i = 0; i < 20; i++) {
      Picked second = table.pick(forward, Request.with("sticky", key(first)));
      assertThat(second.endpoint()).isEqualTo(first.endpoint());
      assertThat(second.responseHeader()).isEmpty();
    }
  }

  @Test
  void aPolicyOfTheServiceIsEnoughAndTheRuleComesBeforeIt() {
    TrafficPolicy policy =
        new TrafficPolicy(
            "XBackendTrafficPolicy default/pay",
            List.of(),
            Optional.of(Table.balancing(Algorithm.ROUND_ROBIN)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(cookie()));
    Decision.Forward forward = Table.forward(ten, List.of(policy), Optional.empty());
    Picked first = table.pick(forward);
    assertThat(table.pick(forward, with(key(first))).endpoint()).isEqualTo(first.endpoint());

    SessionPersistence header =
        session(SessionKind.HEADER, Optional.empty(), Optional.empty(), false);
    Picked byRule = table.pick(Table.forward(ten, List.of(policy), Optional.of(header)));
    assertThat(byRule.responseHeader().orElseThrow().name()).isEqualTo("sticky");
  }

  @Test
  void otherAgentsOfTheMeshReadTheKey() {
    Decision.Forward forward = in(cookie());
    Snapshot snapshot = Table.snapshot(Map.of(), forward.service());
    table.choice.keep(snapshot);
    Table other = new Table();
    other.choice.keep(snapshot);
    Table stranger = new Table(); // of another mesh
    for (int i = 0; i < 10; i++) {
      Picked first = table.pick(forward);
      Picked second = other.pick(forward, with(key(first)));
      assertThat(second.endpoint()).isEqualTo(first.endpoint());
      assertThat(second.responseHeader()).isEmpty();
      assertThat(stranger.pick(forward, with(key(first))).responseHeader()).isPresent();
    }
  }

  @Test
  void aKeyOutlivesAChangeOfRoots() {
    Decision.Forward forward = in(cookie());
    table.choice.keep(rooted(forward, "one"));
    String old = key(table.pick(forward));
    Endpoint own = table.pick(forward, with(old)).endpoint();

    table.choice.keep(rooted(forward, "one", "two"));
    Picked renewed = table.pick(forward, with(old));
    assertThat(renewed.endpoint()).isEqualTo(own);
    String fresh = key(renewed);
    assertThat(fresh).isNotEqualTo(old);

    table.choice.keep(rooted(forward, "two"));
    assertThat(table.pick(forward, with(fresh)).endpoint()).isEqualTo(own);
    assertThat(table.pick(forward, with(fresh)).responseHeader()).isEmpty();
  }

  private static Snapshot rooted(Decision.Forward forward, String... roots) {
    Snapshot plain = Table.snapshot(Map.of(), forward.service());
    return new Snapshot(
        "2", plain.trustDomain(), List.of(roots), plain.inbound(), plain.services(), plain.mesh());
  }

  @Test
  void theKeyTellsNoAddressAndForgedOnesAreNotTaken() {
    Decision.Forward forward = in(cookie());
    Picked first = table.pick(forward);
    String key = key(first);
    byte[] raw = Base64.getUrlDecoder().decode(key);
    assertThat(new String(raw, StandardCharsets.ISO_8859_1))
        .doesNotContain(first.endpoint().address())
        .doesNotContain(first.endpoint().workload());
    for (int i = 0; i < raw.length; i++) {
      byte[] forged = raw.clone();
      forged[i] ^= 1;
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(forged);
      assertThat(table.pick(forward, with(text)).responseHeader()).as("byte %d", i).isPresent();
    }
    for (String text : List.of("", "x", "10.9.9.9:80", "!!!", key + "AAAA", key.substring(1))) {
      Picked picked = table.pick(forward, with(text));
      assertThat(ten).contains(picked.endpoint());
      assertThat(picked.responseHeader()).isPresent();
    }
  }

  @Test
  void aSessionEndsAtItsAbsoluteTimeoutHoweverBusy() {
    Decision.Forward forward =
        in(session(SessionKind.COOKIE, Optional.of(HOUR), Optional.empty(), false));
    String key = key(table.pick(forward));
    for (int i = 0; i < 59; i++) {
      table.pass(MINUTE);
      assertThat(table.pick(forward, with(key)).responseHeader()).isEmpty();
    }
    table.pass(MINUTE);
    assertThat(key(table.pick(forward, with(key)))).isNotEqualTo(key);
  }

  @Test
  void aSessionEndsWhenItIsIdleAndEveryUseProlongsIt() {
    Decision.Forward forward =
        in(session(SessionKind.COOKIE, Optional.of(HOUR), Optional.of(MINUTE), false));
    Picked picked = table.pick(forward);
    Endpoint own = picked.endpoint();
    String key = key(picked);
    for (int i = 0; i < 60; i++) {
      table.pass(59);
      picked = table.pick(forward, with(key));
      assertThat(picked.endpoint()).isEqualTo(own);
      key = key(picked);
    }
    table.pass(60); // 60 x 59 s + 60 s: the hour is over, too
    assertThat(table.pick(forward, with(key)).responseHeader()).isPresent();

    Picked fresh = table.pick(forward);
    table.pass(60);
    int same = 0;
    for (int i = 0; i < 50; i++) {
      same += table.pick(forward, with(key(fresh))).endpoint().equals(fresh.endpoint()) ? 1 : 0;
    }
    assertThat(same).as("chosen anew").isLessThan(30);
  }

  @Test
  void aPermanentCookieLivesAsLongAsItsSession() {
    Decision.Forward forward =
        in(session(SessionKind.COOKIE, Optional.of(HOUR), Optional.of(HOUR), true));
    Picked first = table.pick(forward);
    assertThat(first.responseHeader().orElseThrow().value())
        .endsWith("; Path=/; Max-Age=3600; HttpOnly");
    table.pass(600);
    assertThat(table.pick(forward, with(key(first))).responseHeader().orElseThrow().value())
        .endsWith("; Path=/; Max-Age=3000; HttpOnly");
  }

  @Test
  void anEndpointThatIsGoneIsReplacedTogetherWithTheKey() {
    Picked first = table.pick(in(cookie()));
    ten.remove(first.endpoint());
    Decision.Forward without = Table.forward(List.copyOf(ten), List.of(), Optional.of(cookie()));
    Picked second = table.pick(without, with(key(first)));
    assertThat(second.endpoint()).isNotEqualTo(first.endpoint());
    assertThat(table.pick(without, with(key(second))).endpoint()).isEqualTo(second.endpoint());
  }

  @Test
  void anEndpointThatIsOutOrFailedTheRequestIsReplacedTogetherWithTheKey() {
    OutlierDetection firstError =
        new OutlierDetection(
            Optional.of(1),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Decision.Forward forward =
        Table.forward(ten, List.of(Table.policy(firstError)), Optional.of(cookie()));
    Picked first = table.pick(forward);
    String key = key(first);
    table.end(first, new Outcome.Response(200));
    Picked retried = table.pick(forward, with(key), first.endpoint());
    assertThat(retried.endpoint()).isNotEqualTo(first.endpoint());
    assertThat(retried.responseHeader()).isPresent();
    assertThat(table.pick(forward, with(key)).endpoint()).isEqualTo(first.endpoint());

    table.end(table.pick(forward, with(key)), new Outcome.Response(500));
    Picked moved = table.pick(forward, with(key));
    assertThat(moved.endpoint()).isNotEqualTo(first.endpoint());
    assertThat(table.pick(forward, with(key(moved))).endpoint()).isEqualTo(moved.endpoint());
  }

  @Test
  void aCallIsHeldByItsSessionAtAnEndpointOrElseAtTheService() {
    Decision.Forward forward = in(cookie());
    Picked first = table.pick(forward);
    Request call = with(key(first));
    assertThat(table.choice.hold(forward, call)).isEqualTo(Hold.ENDPOINT);
    assertThat(table.choice.hold(forward, Request.PLAIN)).isEqualTo(Hold.NONE);
    assertThat(table.choice.hold(forward, with("x" + key(first)))).isEqualTo(Hold.NONE);

    ten.remove(first.endpoint());
    Decision.Forward without = Table.forward(List.copyOf(ten), List.of(), Optional.of(cookie()));
    assertThat(table.choice.hold(without, call)).isEqualTo(Hold.SERVICE);
    Decision.Forward none = Table.forward(ten, List.of(), Optional.empty());
    assertThat(table.choice.hold(none, call)).as("no persistence").isEqualTo(Hold.NONE);
  }

  @Test
  void aCallIsHeldByAHeaderToo() {
    Decision.Forward forward =
        in(session(SessionKind.HEADER, Optional.of(HOUR), Optional.empty(), false));
    Request call = Request.with("sticky", key(table.pick(forward)));
    assertThat(table.choice.hold(forward, call)).isEqualTo(Hold.ENDPOINT);
    table.pass(3600);
    assertThat(table.choice.hold(forward, call)).as("its time is over").isEqualTo(Hold.NONE);
  }

  @Test
  void aSessionOfOneServiceIsNoneOfAnother() {
    SessionKeys keys = new SessionKeys("cluster.local", List.of());
    List<Member> members = new ArrayList<>();
    for (Endpoint endpoint : ten) {
      EndpointState state = new EndpointState(table.choice.load(endpoint), new Standing(), 0, true);
      members.add(new Member(endpoint, state));
    }
    String key = keys.index("default/pay", members).write(members.get(0), 5, 6);
    assertThat(keys.index("default/pay", members).read(key))
        .isEqualTo(new SessionKeys.Session(members.get(0), 5, 6, true));
    assertThat(keys.index("default/other", members).read(key)).isNull();
  }
}
