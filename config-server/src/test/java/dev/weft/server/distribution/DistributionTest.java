package dev.weft.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.compile.CompiledMesh;
import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.server.log.Log;
import dev.weft.server.policy.Generation;
import dev.weft.server.policy.PolicyVersion;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A defect of ours in the middle of a compilation. */
class DistributionTest {
  private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(1);
  private final List<String> log = new CopyOnWriteArrayList<>();
  private volatile boolean defective;
  private final Distribution distribution =
      new Distribution(
          threads,
          round -> round,
          threads,
          List::of,
          "cluster.local",
          this::bundle,
          InstantSource.system(),
          Log.to(log::add));

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private List<String> bundle() {
    if (defective) {
      throw new IllegalStateException("nobody thought of this");
    }
    return List.of();
  }

  private void put(int generation) {
    String service =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: pay%d}
        spec: {selector: {app: pay}, ports: [{port: 80}]}
        """
            .formatted(generation);
    distribution.policy(
        new PolicyVersion(
            PolicyStore.empty().update(List.of(new SourceFile("pay.yaml", service))),
            new Generation("epoch", generation)));
  }

  private long errors() {
    return log.stream().filter(line -> line.contains("policy compiler failed")).count();
  }

  @Test
  void aCompilerThatFailsLeavesTheLastSnapshotsInForceUntilItSucceedsAgain() {
    put(1);
    await().until(() -> distribution.state().generation().number() == 1);
    CompiledMesh good = distribution.state().mesh();

    defective = true;
    put(2);
    await().until(() -> distribution.state().failure().contains("nobody thought of this"));
    put(3);

    defective = false;
    put(4);
    await().until(() -> distribution.state().failure().isEmpty());
    assertThat(errors()).as("said once").isEqualTo(1);
    assertThat(distribution.state().generation().number()).isEqualTo(4);
    assertThat(distribution.state().mesh()).isNotSameAs(good);
    assertThat(services()).contains("default/pay4");
  }

  @Test
  void whileItFailsThePolicyOfBeforeIsWhatIsInForce() {
    put(1);
    await().until(() -> distribution.state().generation().number() == 1);
    CompiledMesh good = distribution.state().mesh();

    defective = true;
    put(2);
    await().until(() -> !distribution.state().failure().isEmpty());

    assertThat(distribution.state().mesh()).isSameAs(good);
    assertThat(distribution.state().generation().number()).isEqualTo(1);
    assertThat(services()).containsExactly("default/pay1");
  }

  private List<String> services() {
    return distribution.state().mesh().servicesFor("default").stream()
        .map(service -> service.key())
        .toList();
  }
}
