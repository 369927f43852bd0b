package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.log.Log;
import dev.weft.policy.Peer;
import dev.weft.policy.SpiffeId;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InboundRulesTest {
  private static final InetSocketAddress CLIENT = new InetSocketAddress("10.0.0.9", 40_000);
  private static final InetSocketAddress HERE = new InetSocketAddress("10.0.0.7", 8080);
  private static final InetSocketAddress THERE = new InetSocketAddress("10.0.0.7", 9090);
  private static final Peer SHOP = peer(Policies.SHOP_ID);
  private static final Peer THIEF = peer("spiffe://cluster.local/ns/default/sa/thief");

  private final Snapshots snapshots =
      new Snapshots(new Log(LogLevel.ERROR, new PrintStream(OutputStream.nullOutputStream())));

  private static Peer peer(String id) {
    return new Peer(Optional.of(SpiffeId.parse(id)));
  }

  private InboundRules rules(String documents) {
    snapshots.publish(Policies.view(documents));
    return new InboundRules(snapshots, OnFailure.CLOSED);
  }

  /** A document for each level, each saying what the level below overrides. */
  private static String levels(String mesh, String namespace, String workload, String port) {
    return level("istio-system", "mesh", mesh, "")
        + level("default", "namespace", namespace, "")
        + (workload.equals("-")
            ? ""
            : level(
                "default",
                "workload",
                workload,
                "  selector: {matchLabels: {app: pay}}\n"
                    + (port.equals("-") ? "" : "  portLevelMtls: {8080: {mode: " + port + "}}\n")));
  }

  private static String level(String namespace, String name, String mode, String more) {
    return mode.equals("-")
        ? ""
        : "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: "
            + name
            + ", namespace: "
            + namespace
            + "}\nspec:\n"
            + more
            + "  mtls: {mode: "
            + mode
            + "}\n";
  }

  @ParameterizedTest(
      name = "mesh {0}, namespace {1}, workload {2}, port {3}: {4} there, {5} elsewhere")
  @CsvSource({
    "STRICT,     -,          -,          -,          STRICT,     STRICT",
    "STRICT,     PERMISSIVE, -,          -,          PERMISSIVE, PERMISSIVE",
    "STRICT,     PERMISSIVE, DISABLE,    -,          DISABLE,    DISABLE",
    "STRICT,     PERMISSIVE, DISABLE,    STRICT,     STRICT,     DISABLE",
    "DISABLE,    STRICT,     -,          -,          STRICT,     STRICT",
    "DISABLE,    DISABLE,    STRICT,     PERMISSIVE, PERMISSIVE, STRICT",
    "PERMISSIVE, -,          STRICT,     DISABLE,    DISABLE,    STRICT",
    "-,          -,          -,          -,          PERMISSIVE, PERMISSIVE",
  })
  void theClosestLevelDecides(
      String mesh, String namespace, String workload, String port, String there, String elsewhere) {
    InboundRules rules = rules(levels(mesh, namespace, workload, port));

    assertThat(rules.mode(8080)).hasToString(there);
    assertThat(rules.mode(9090)).hasToString(elsewhere);
    assertThat(rules.leavesAlone(8080)).isEqualTo(there.equals("DISABLE"));
    assertThat(rules.refusesPlaintext(CLIENT, HERE) != null).isEqualTo(there.equals("STRICT"));
    assertThat(rules.refusesPlaintext(CLIENT, THERE) != null).isEqualTo(elsewhere.equals("STRICT"));
  }

  @Test
  void aRefusalNamesTheRuleOfItsLevel() {
    InboundRules rules = rules(levels("PERMISSIVE", "-", "DISABLE", "STRICT"));

    assertThat(rules.refusesPlaintext(CLIENT, HERE))
        .contains("PeerAuthentication default/workload")
        .contains("8080");
  }

  private static String access(String action, String source) {
    return """
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: callers}
    spec:
      selector: {matchLabels: {app: pay}}
      action: %s
      rules:
        - from: [{source: {%s}}]
    """
        .formatted(action, source);
  }

  @Test
  void principalsAreJudgedAtTheConnection() {
    InboundRules rules = rules(access("ALLOW", "principals: [cluster.local/ns/default/sa/shop]"));

    assertThat(rules.refuses(SHOP, CLIENT, HERE)).isNull();
    assertThat(rules.refuses(THIEF, CLIENT, HERE))
        .contains("sa/thief")
        .contains("AuthorizationPolicy default/callers");
    assertThat(rules.refusesPlaintext(CLIENT, HERE)).contains("a peer without identity");
  }

  @Test
  void namespacesAreJudgedAtTheConnection() {
    InboundRules rules = rules(access("DENY", "namespaces: [other]"));

    assertThat(rules.refuses(SHOP, CLIENT, HERE)).isNull();
    assertThat(rules.refuses(peer("spiffe://cluster.local/ns/other/sa/shop"), CLIENT, HERE))
        .contains("ns/other");
  }

  @Test
  void whereRequestsAreCheckedTheConnectionIsNot() {
    InboundRules rules = rules(access("ALLOW", "principals: [cluster.local/ns/default/sa/shop]"));
    rules.requestsCheckedBy(HERE::equals);

    assertThat(rules.refuses(THIEF, CLIENT, HERE)).isNull();
    assertThat(rules.refuses(THIEF, CLIENT, THERE)).isNotNull();
  }

  @Test
  void beforeTheFirstSnapshotClosedRefusesEverybody() {
    InboundRules closed = new InboundRules(snapshots, OnFailure.CLOSED);

    assertThat(closed.leavesAlone(8080)).isFalse();
    assertThat(closed.refuses(SHOP, CLIENT, HERE)).contains("weft.on.failure=closed");
    assertThat(closed.refusesPlaintext(CLIENT, HERE)).contains("weft.on.failure=closed");
  }

  @Test
  void beforeTheFirstSnapshotOpenLetsEverybodyPass() {
    InboundRules open = new InboundRules(snapshots, OnFailure.OPEN);

    assertThat(open.leavesAlone(8080)).isTrue();
    assertThat(open.refusesPlaintext(CLIENT, HERE)).isNull();

    snapshots.publish(Policies.view(levels("STRICT", "-", "-", "-")));

    assertThat(open.leavesAlone(8080)).isFalse();
    assertThat(open.refusesPlaintext(CLIENT, HERE)).isNotNull();
  }

  @Test
  void addressesAreJudgedAtTheConnection() {
    InboundRules rules = rules(access("ALLOW", "ipBlocks: [10.0.0.9]"));

    assertThat(rules.refuses(SHOP, CLIENT, HERE)).isNull();
    assertThat(rules.refuses(SHOP, new InetSocketAddress("10.0.0.10", 40_000), HERE))
        .contains("AuthorizationPolicy default/callers");
  }

  @Test
  void whereTokensMustBeJudgedAndNobodySeesThemNobodyConnects() {
    InboundRules rules =
        rules(
            """
            ---
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: jwt}
            spec: {jwtRules: [{issuer: https://issuer.test, jwks: '{"keys": []}'}]}
            """);
    rules.requestsCheckedBy(HERE::equals);

    assertThat(rules.refuses(SHOP, CLIENT, HERE)).isNull();
    assertThat(rules.refuses(SHOP, CLIENT, THERE))
        .contains("RequestAuthentication default/jwt")
        .contains("9090");
  }
}
