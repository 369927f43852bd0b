package dev.weft.policy;

import dev.weft.policy.AccessPolicy.Action;
import dev.weft.policy.AccessRule.Operation;
import dev.weft.policy.AccessRule.Source;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Policies and workloads that tests of access share. */
final class Policies {
  static final Peer ORDERS = peer("spiffe://cluster.local/ns/default/sa/orders");

  private Policies() {}

  static Access access(AccessPolicy... policies) {
    return Access.of(inbound(policies));
  }

  static Inbound inbound(AccessPolicy... policies) {
    return new Inbound(
        "pay-1",
        "pay",
        "default",
        "spiffe://cluster.local/ns/default/sa/pay",
        Map.of(),
        new Inbound.Mtls(MtlsMode.STRICT, "default"),
        Map.of(),
        List.of(policies));
  }

  static Peer peer(String spiffeId) {
    return new Peer(Optional.of(SpiffeId.parse(spiffeId)));
  }

  static AccessPolicy policy(Action action, AccessRule... rules) {
    return AccessPolicy.of("the-policy", action, false, List.of(rules));
  }

  static AccessRule from(Source source) {
    return new AccessRule(List.of(source), List.of());
  }

  static AccessRule from(AccessCondition condition) {
    return from(new Source(List.of(), List.of(), List.of(), List.of(), List.of(condition)));
  }

  static AccessRule when(AccessCondition... conditions) {
    return new AccessRule(List.of(), List.of(), List.of(conditions));
  }

  static AccessRule to(Operation operation) {
    return new AccessRule(List.of(), List.of(operation));
  }

  static AccessRule paths(String... paths) {
    return to(
        new Operation(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(paths),
            List.of(),
            List.of(),
            List.of()));
  }

  static AccessRule notPaths(String... paths) {
    return to(
        new Operation(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(paths),
            List.of(),
            List.of()));
  }

  static AccessRequest get(String path) {
    return new AccessRequest(AccessConnection.of(ORDERS, 8080), "GET", path, "pay");
  }
}
