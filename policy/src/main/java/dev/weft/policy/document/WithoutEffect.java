package dev.weft.policy.document;

import java.util.Map;

/** Kinds that people have in their folders and that mean nothing to a mesh without proxies. */
final class WithoutEffect {
  private static final Map<Kind, String> WHY =
      Map.of(
          Kind.SIDECAR, "every workload hears of the services that it calls",
          Kind.ENVOY_FILTER, "there is no Envoy",
          Kind.PROXY_CONFIG, "there is no proxy",
          Kind.WASM_PLUGIN,
              "there is no proxy that could run it; nothing that it checks is checked",
          Kind.WORKLOAD_GROUP, "workloads register themselves",
          Kind.GATEWAY, "gateways are not part of the mesh",
          Kind.GATEWAY_CLASS, "gateways are not part of the mesh");

  private WithoutEffect() {}

  static Spec read(Fields document, Kind kind) {
    document.ignore("spec");
    document.problem(
        Code.KIND_WITHOUT_EFFECT,
        "kind",
        kind.text() + " has no effect here: " + WHY.getOrDefault(kind, ""));
    return new Spec.Nothing();
  }
}
