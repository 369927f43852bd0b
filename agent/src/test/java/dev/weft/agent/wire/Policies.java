package dev.weft.agent.wire;

import dev.weft.agent.control.MeshView;
import dev.weft.policy.compile.MeshCompiler;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import java.util.List;
import java.util.Map;

/** Views of policy as documents make it. */
final class Policies {
  /** The workload whose policy is looked at. */
  static final Workload PAY = workload("pay", "10.0.0.7", 8080, 9090);

  static final String PAY_ID = "spiffe://cluster.local/ns/default/sa/pay";
  static final String SHOP_ID = "spiffe://cluster.local/ns/default/sa/shop";

  private Policies() {}

  /** {@code PAY}'s view of these documents, of itself, and of other workloads. */
  static MeshView view(String documents, Workload... others) {
    PolicyStore store = PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", documents)));
    if (!store.diagnostics().isEmpty()) {
      throw new IllegalArgumentException(store.diagnostics().toString());
    }
    List<Workload> workloads = new java.util.ArrayList<>(List.of(others));
    workloads.add(PAY);
    return new MeshView(
        MeshCompiler.compile(store, workloads, "cluster.local", List.of("ROOT")).snapshotFor(PAY));
  }

  /** A workload of the namespace {@code default}. */
  static Workload workload(String service, String address, Integer... listening) {
    return new Workload(
        service + "@" + address,
        service,
        "default",
        service,
        "spiffe://cluster.local/ns/default/sa/" + service,
        address,
        Map.of(),
        List.of(listening),
        Map.of(),
        true);
  }
}
