package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkloadIndexTest {
  private static final Map<String, String> PAY = Map.of("app", "pay");

  private final List<Workload> mesh = new ArrayList<>();

  WorkloadIndexTest() {
    for (int i = 1; i <= 9; i++) {
      mesh.add(workload("web-" + i, "web", true));
    }
    mesh.add(workload("pay-1", "pay", true));
    mesh.add(workload("pay-3", "pay", true));
  }

  @Test
  void groupsThatNobodyJoinedOrLeftStayTheSame() {
    WorkloadIndex before = WorkloadIndex.of(mesh);
    mesh.add(0, workload("pay-2", "pay", true));
    WorkloadIndex now = before.next(mesh);

    assertThat(ids(now.select("shop", PAY))).containsExactly("pay-1", "pay-2", "pay-3");
    assertThat(now.select("shop", Map.of("app", "web")))
        .isSameAs(before.select("shop", Map.of("app", "web")));
    assertThat(ids(before.select("shop", PAY))).containsExactly("pay-1", "pay-3");
  }

  @Test
  void aWorkloadThatIsNotReadyAnyMoreTakesThePlaceOfItself() {
    WorkloadIndex before = WorkloadIndex.of(mesh);
    mesh.set(9, workload("pay-1", "pay", false));

    assertThat(before.next(mesh).select("shop", PAY)).containsExactly(mesh.get(9), mesh.get(10));
  }

  @Test
  void anEqualWorkloadIsNoChange() {
    WorkloadIndex before = WorkloadIndex.of(mesh);
    mesh.set(9, workload("pay-1", "pay", true));
    WorkloadIndex now = before.next(mesh);
    mesh.set(10, workload("pay-3", "pay", false));

    assertThat(now).isSameAs(before);
    assertThat(now.next(mesh).select("shop", PAY)).isEqualTo(List.of(mesh.get(9), mesh.get(10)));
  }

  @Test
  void whoIsTheLastOfAGroupTakesItAlong() {
    WorkloadIndex before = WorkloadIndex.of(mesh);
    mesh.remove(10);
    WorkloadIndex one = before.next(mesh);
    mesh.remove(9);
    WorkloadIndex none = one.next(mesh);

    assertThat(one.byService()).hasSize(2);
    assertThat(none.byService()).hasSize(1);
    assertThat(none.select("shop", PAY)).isEmpty();
  }

  @Test
  void workloadsOfOneIdStandAsTheyAreGiven() {
    WorkloadIndex before = WorkloadIndex.of(mesh);
    Workload twin = workload("pay-1", "pay", false);
    mesh.add(0, twin);
    WorkloadIndex now = before.next(mesh);
    mesh.remove(0);
    mesh.add(twin);
    WorkloadIndex turned = now.next(mesh);

    assertThat(now.select("shop", PAY)).first().isEqualTo(twin);
    assertThat(turned.select("shop", PAY)).element(1).isEqualTo(twin);
  }

  private static List<String> ids(List<Workload> workloads) {
    return workloads.stream().map(Workload::id).toList();
  }

  private static Workload workload(String id, String service, boolean ready) {
    return new Workload(
        id,
        service,
        "shop",
        service,
        "spiffe://cluster.local/ns/shop/sa/" + service,
        "10.0.0.1",
        Map.of(),
        List.of(8080),
        Map.of(),
        ready);
  }
}
