package dev.weft.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.TestAuthority;
import dev.weft.agent.log.Log;
import dev.weft.policy.Snapshot;
import dev.weft.policy.tree.Trees;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SnapshotsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Snapshots snapshots =
      new Snapshots(new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8)));
  private final List<String> told = new ArrayList<>();

  private void listen() {
    snapshots.onChange(view -> told.add(view.snapshot().version()));
  }

  private Snapshot apply(String version) throws Exception {
    Snapshot snapshot = FakeControlServer.emptySnapshot(version, TestAuthority.create());
    return new SnapshotIntake(snapshots, new IdentityStore(), true).apply(Trees.toTree(snapshot));
  }

  @Test
  void tellsEveryListener() throws Exception {
    listen();
    listen();

    apply("v1");

    assertThat(told).containsExactly("v1", "v1");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void aListenersFailureIsNoRefusalOfTheSnapshot() throws Exception {
    snapshots.onChange(
        view -> {
          throw new IllegalStateException("broken listener");
        });
    listen();

    assertThat(apply("v1").version()).isEqualTo("v1");

    assertThat(snapshots.current().snapshot().version()).isEqualTo("v1");
    assertThat(told).as("the listener after the broken one").containsExactly("v1");
    assertThat(snapshots.awaitFirst(Duration.ZERO)).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .contains("weft ERROR", "version=v1", "broken listener");
  }
}
