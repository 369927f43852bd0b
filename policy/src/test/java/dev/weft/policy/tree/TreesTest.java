package dev.weft.policy.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.Inbound;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Route;
import dev.weft.policy.RouteMatch;
import dev.weft.policy.RouteRule;
import dev.weft.policy.Service;
import dev.weft.policy.ServicePort;
import dev.weft.policy.Snapshot;
import dev.weft.policy.WeightedBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TreesTest {

  @Test
  void aFullSnapshotComesBackAsItWas() {
    Snapshot snapshot = fullSnapshot();

    assertThat(Trees.fromTree(Trees.toTree(snapshot), Snapshot.class)).isEqualTo(snapshot);
  }

  @Test
  void treesHoldNothingButPlainValues() {
    assertPlain(Trees.toTree(fullSnapshot()));
  }

  @Test
  void equalMapsGiveTreesOfTheSameOrder() {
    Map<String, String> one = new LinkedHashMap<>();
    one.put("b", "2");
    one.put("a", "1");
    Map<String, String> other = new LinkedHashMap<>();
    other.put("a", "1");
    other.put("b", "2");

    assertThat(Trees.toTree(endpoint(one)).toString())
        .isEqualTo(Trees.toTree(endpoint(other)).toString());
  }

  @Test
  void unknownKeysAreIgnored() {
    Map<String, Object> tree = Trees.toTree(fullSnapshot());
    tree.put("fromTheFuture", List.of(1L));

    assertThat(Trees.fromTree(tree, Snapshot.class)).isEqualTo(fullSnapshot());
  }

  @Test
  void anAbsentListReadsAsEmpty() {
    Map<String, Object> tree = Trees.toTree(fullSnapshot());
    tree.remove("services");

    assertThat(Trees.fromTree(tree, Snapshot.class).services()).isEmpty();
  }

  @Test
  void smallerNumbersOfAJsonParserAreAccepted() {
    Map<String, Object> tree = Trees.toTree(new ServicePort("http", 80, ""));
    tree.put("port", 80);

    assertThat(Trees.fromTree(tree, ServicePort.class).port()).isEqualTo(80);
  }

  @Test
  void anAbsentModeIsRefusedWithItsPath() {
    Map<String, Object> tree = Trees.toTree(fullSnapshot());
    child(child(tree, "inbound"), "mtls").remove("mode");

    assertThatThrownBy(() -> Trees.fromTree(tree, Snapshot.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("inbound.mtls.mode: missing");
  }

  @Test
  void anUnknownConstantIsRefusedWithItsPath() {
    Map<String, Object> tree = Trees.toTree(fullSnapshot());
    child(child(tree, "inbound"), "mtls").put("mode", "LAX");

    assertThatThrownBy(() -> Trees.fromTree(tree, Snapshot.class))
        .hasMessage("inbound.mtls.mode: expected a MtlsMode, found \"LAX\"");
  }

  @Test
  void aNumberBeyondTheTypeIsRefused() {
    Map<String, Object> tree = Trees.toTree(new ServicePort("http", 80, ""));
    tree.put("port", 1L << 40);

    assertThatThrownBy(() -> Trees.fromTree(tree, ServicePort.class))
        .hasMessage("port: expected int, found Long");
  }

  private static void assertPlain(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      map.keySet().forEach(key -> assertThat(key).isInstanceOf(String.class));
      map.values().forEach(TreesTest::assertPlain);
    } else if (tree instanceof List<?> list) {
      list.forEach(TreesTest::assertPlain);
    } else {
      assertThat(tree).isInstanceOfAny(String.class, Long.class, Double.class, Boolean.class);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> child(Map<String, Object> tree, String key) {
    return (Map<String, Object>) tree.get(key);
  }

  private static Endpoint endpoint(Map<String, String> labels) {
    return new Endpoint("10.0.0.1", 8080, 80, "pay-1", "spiffe://a.test/ns/n/sa/s", labels, true);
  }

  private static Snapshot fullSnapshot() {
    HeaderEdit edit = new HeaderEdit(HeaderEdit.Kind.SET, "x-version", "v2");
    RouteRule rule =
        new RouteRule(
            "canary",
            List.of(
                new RouteMatch(
                    Optional.of(new RouteMatch.PathMatch(RouteMatch.PathKind.PREFIX, "/v2")),
                    Optional.of("GET"),
                    List.of(
                        new RouteMatch.NamedMatch("x-tester", RouteMatch.ValueKind.EXACT, "yes")),
                    List.of(new RouteMatch.NamedMatch("q", RouteMatch.ValueKind.REGEX, "a+")))),
            List.of(edit),
            List.of(new HeaderEdit(HeaderEdit.Kind.REMOVE, "server", "")),
            List.of(
                new WeightedBackend(
                    "default/pay", 80, 90, Map.of("version", "v1"), "", List.of(edit), List.of())),
            Optional.of(Duration.ofMillis(1500)),
            Optional.empty());
    Service service =
        new Service(
            "pay",
            "default",
            List.of("pay", "pay.default"),
            "240.0.0.7",
            List.of(new ServicePort("http", 80, "http")),
            List.of(endpoint(Map.of("app", "pay", "version", "v1"))),
            List.of(new Route("HTTPRoute default/pay", List.of(80), List.of(rule))));
    AccessPolicy policy =
        new AccessPolicy(
            "AuthorizationPolicy default/p",
            AccessPolicy.Action.DENY,
            true,
            List.of(
                new AccessRule(
                    List.of(
                        new AccessRule.Source(
                            List.of("*"), List.of(), List.of("default"), List.of())),
                    List.of(
                        new AccessRule.Operation(
                            List.of(8080),
                            List.of(),
                            List.of("GET"),
                            List.of(),
                            List.of("/a*"),
                            List.of(),
                            List.of(),
                            List.of())))));
    Inbound inbound =
        new Inbound(
            "pay-1",
            "pay",
            "default",
            "spiffe://a.test/ns/default/sa/pay",
            Map.of("app", "pay"),
            new Inbound.Mtls(MtlsMode.STRICT, "PeerAuthentication default/strict"),
            Map.of(9090, new Inbound.Mtls(MtlsMode.DISABLE, "PeerAuthentication default/strict")),
            List.of(policy));
    return new Snapshot(
        "v-1",
        "a.test",
        new ArrayList<>(List.of("-----BEGIN CERTIFICATE-----")),
        inbound,
        List.of(service),
        new MeshSettings(List.of("10.0.0.0/8"), 20, 10, 1.5));
  }
}
