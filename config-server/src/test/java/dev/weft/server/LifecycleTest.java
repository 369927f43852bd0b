package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.server.TestAgent.Stream;
import dev.weft.server.http.TlsProvider;
import dev.weft.server.log.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server leaves nothing behind in a JVM that goes on. */
class LifecycleTest {
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("weft-"))
        .collect(Collectors.toSet());
  }

  private static void awaitNoneBut(Set<Thread> before) {
    await()
        .untilAsserted(
            () ->
                assertThat(threads())
                    .filteredOn(thread -> !before.contains(thread))
                    .extracting(Thread::getName)
                    .isEmpty());
  }

  @Test
  void twentyServersInTheSameFolderLeaveNoThread(@TempDir Path folder) throws Exception {
    Set<Thread> before = threads();
    for (int i = 0; i < 20; i++) {
      try (TestServer server = TestServer.in(folder)) {
        assertThat(server.log()).anyMatch(line -> line.contains("config server ready"));
        if (i % 10 == 0) {
          try (Stream stream = TestAgent.enrolled(server, "pay").watch("pay", 8080)) {
            stream.next();
            assertThat(threads())
                .extracting(thread -> thread.getName().replaceAll("-\\d+", ""))
                .contains("weft-keys", "weft-registry", "weft-policy-folder", "weft-scheduler");
          }
        }
        assertThat(server.log()).noneMatch(line -> line.contains(" ERROR "));
      }
    }
    awaitNoneBut(before);
  }

  @Test
  void aServerThatCannotBeginLeavesNoThreadEither(@TempDir Path folder) throws Exception {
    try (TestServer server = TestServer.in(folder.resolve("first"))) {
      Set<Thread> before = threads();
      HostPort taken = new HostPort("127.0.0.1", server.uri().getPort());

      assertThatThrownBy(() -> start(folder, taken))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(taken.port()));

      awaitNoneBut(before);
      start(folder, new HostPort("127.0.0.1", 0)).close(); // nor does it hold the state folder
    }
  }

  private static ConfigServer start(Path folder, HostPort listen) throws IOException {
    return ConfigServer.start(
        new ServerOptions(
            folder.resolve("first/policy"),
            folder.resolve("second"),
            listen,
            Optional.empty(),
            "cluster.local",
            Optional.empty(),
            Duration.ofHours(24),
            List.of(),
            TlsProvider.AUTO),
        Log.to(line -> {}));
  }
}
