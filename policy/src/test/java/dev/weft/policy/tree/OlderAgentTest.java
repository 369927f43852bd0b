package dev.weft.policy.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.policy.AccessCondition;
import dev.weft.policy.AccessPolicy;
import dev.weft.policy.AccessRule;
import dev.weft.policy.Inbound;
import dev.weft.policy.JwtRule;
import dev.weft.policy.MtlsMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an agent makes of policies that its version cannot enforce: nothing at all. */
class OlderAgentTest {
  /** The shapes as an agent of before conditions and tokens knows them. */
  record OldInbound(String workload, List<OldPolicy> policies) {}

  record OldPolicy(String name, OldAction action, boolean dryRun, List<OldRule> rules) {}

  enum OldAction {
    ALLOW,
    DENY
  }

  record OldRule(List<OldSource> from, List<OldOperation> to) {}

  record OldSource(List<String> principals, List<String> notPrincipals) {}

  record OldOperation(List<String> paths, List<String> notPaths) {}

  private static OldInbound read(Inbound inbound) {
    return Trees.fromTree(Trees.toTree(inbound), OldInbound.class);
  }

  private static Inbound inbound(
      List<AccessPolicy> policies, List<AccessPolicy> audits, List<JwtRule> tokens) {
    return new Inbound(
        "pay-1",
        "pay",
        "default",
        "spiffe://cluster.local/ns/default/sa/pay",
        Map.of(),
        new Inbound.Mtls(MtlsMode.STRICT, "default"),
        Map.of(),
        policies,
        List.of(),
        List.of(),
        Optional.empty(),
        audits,
        tokens);
  }

  private static Inbound with(AccessPolicy.Action action, AccessRule rule) {
    return inbound(
        List.of(AccessPolicy.of("p", action, false, List.of(rule))), List.of(), List.of());
  }

  private static AccessRule.Operation paths(List<String> paths, List<String> notPaths) {
    return new AccessRule.Operation(
        List.of(), List.of(), List.of(), List.of(), paths, notPaths, List.of(), List.of());
  }

  private static final AccessCondition CONDITION =
      new AccessCondition(AccessCondition.Attribute.SOURCE_IP, List.of("10.0.0.0/8"), List.of());

  @ParameterizedTest
  @EnumSource(
      value = AccessPolicy.Action.class,
      names = {"ALLOW", "DENY"})
  void whatItKnowsItReads(AccessPolicy.Action action) {
    AccessRule rule =
        new AccessRule(
            List.of(new AccessRule.Source(List.of("a/*"), List.of(), List.of(), List.of())),
            List.of(paths(List.of("/a/*"), List.of("/b"))));

    assertThat(read(with(action, rule)).policies().get(0).action()).hasToString(action.name());
  }

  @ParameterizedTest
  @EnumSource(
      value = AccessPolicy.Action.class,
      names = {"ALLOW", "DENY"})
  void whatItWouldOverlookItRefuses(AccessPolicy.Action action) {
    List<AccessRule> rules =
        List.of(
            new AccessRule(List.of(), List.of(), List.of(CONDITION)),
            new AccessRule(
                List.of(
                    new AccessRule.Source(
                        List.of(), List.of(), List.of(), List.of(), List.of(CONDITION))),
                List.of()),
            new AccessRule(List.of(), List.of(paths(List.of("/a/{*}"), List.of()))),
            new AccessRule(List.of(), List.of(paths(List.of(), List.of("/a/{**}")))));
    for (AccessRule rule : rules) {
      assertThatThrownBy(() -> read(with(action, rule)))
          .as("%s", rule)
          .hasMessageContaining("policies[0].action");
    }
  }

  @Test
  void tokensItCannotJudgeItRefuses() {
    JwtRule rule =
        new JwtRule(
            "r", "i", List.of(), "", List.of(), List.of(), List.of(), false, "", List.of(),
            List.of());
    AccessPolicy marker =
        AccessPolicy.of(
            "r",
            AccessPolicy.Action.AUTHENTICATE,
            false,
            List.of(new AccessRule(List.of(), List.of())));

    assertThatThrownBy(() -> read(inbound(List.of(marker), List.of(), List.of(rule))))
        .hasMessageContaining("policies[0].action");
  }

  @Test
  void auditsItMayOverlook() {
    AccessPolicy audit =
        AccessPolicy.of(
            "a",
            AccessPolicy.Action.AUDIT,
            false,
            List.of(new AccessRule(List.of(), List.of(), List.of(CONDITION))));

    assertThat(read(inbound(List.of(), List.of(audit), List.of())).policies()).isEmpty();
  }

  @Test
  void aSnapshotOfAnOlderServerReadsAsOneWithoutConditions() {
    Map<String, Object> old =
        Map.of(
            "name",
            "p",
            "action",
            "DENY",
            "dryRun",
            false,
            "rules",
            List.of(Map.of("from", List.of(Map.of("principals", List.of("a"))), "to", List.of())));

    AccessPolicy policy = Trees.fromTree(old, AccessPolicy.class);

    assertThat(policy.rules().get(0).when()).isEmpty();
    assertThat(policy.rules().get(0).from().get(0).conditions()).isEmpty();
    assertThat(policy.denies()).isTrue();
  }
}
