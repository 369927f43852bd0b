package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.PeerTrust;
import dev.weft.agent.log.Log;
import dev.weft.policy.SpiffeId;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class PeerRulesTest {
  private static final SpiffeId PAY = SpiffeId.parse(Policies.PAY_ID);
  private static final SpiffeId SHOP = SpiffeId.parse(Policies.SHOP_ID);
  private static final String SERVICE =
      """
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: default}
      spec:
        selector: {app: shop}
        ports: [{name: http, port: 8080}]
      """;

  private final Snapshots snapshots =
      new Snapshots(new Log(LogLevel.ERROR, new PrintStream(OutputStream.nullOutputStream())));
  private final PeerRules rules = new PeerRules(snapshots, new PeerTrust(new IdentityStore()));

  @Test
  void aRevokedIdentityIsRefusedByRuleAndNobodyElse() {
    snapshots.publish(
        Policies.view(
            """
            apiVersion: weft.dev/v1alpha1
            kind: MeshConfig
            metadata: {name: mesh}
            spec: {mtls: {revokedIdentities: ["%s"]}}
            """
                .formatted(SHOP)));

    assertThat(rules.revoked(SHOP))
        .isEqualTo("identity " + SHOP + " is revoked by rule MeshConfig mtls.revokedIdentities");
    assertThat(rules.revoked(PAY)).isNull();
  }

  @Test
  void anEndpointThatBelongsToAnotherIsRefused() {
    snapshots.publish(Policies.view(SERVICE, Policies.workload("shop", "10.0.0.8", 8080)));
    Flow flow = Flow.outbound(new InetSocketAddress("10.0.0.8", 8080));

    assertThat(rules.moved(flow, SHOP)).isNull();
    assertThat(rules.moved(flow, PAY)).contains("belongs to " + SHOP, "not to " + PAY);
  }

  @Test
  void anEndpointThatHasLeftMayFinish() {
    snapshots.publish(Policies.view(SERVICE));
    Flow flow = Flow.outbound(new InetSocketAddress("10.0.0.8", 8080));

    assertThat(rules.moved(flow, SHOP)).isNull();
  }
}
