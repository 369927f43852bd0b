package dev.weft.server.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
  @TempDir Path folder;

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void onlyTheOwnerMayLook() throws IOException {
    StateFolder state = StateFolder.open(folder.resolve("state"));
    state.write("ca/root.key", "secret");

    assertThat(permissions("state")).isEqualTo("rwx------");
    assertThat(permissions("state/ca")).isEqualTo("rwx------");
    assertThat(permissions("state/ca/root.key")).isEqualTo("rw-------");
    assertThat(state.openToOthers()).isFalse();
    Files.setPosixFilePermissions(
        folder.resolve("state"), PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(state.openToOthers()).isTrue();
  }

  private String permissions(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
  }

  @Test
  void aWriteReplacesTheWholeFileAndLeavesNothingElse() throws IOException {
    StateFolder state = StateFolder.open(folder);
    state.write("tokens/a.json", "a long text that comes first");
    state.write("tokens/a.json", "short");

    assertThat(state.readText("tokens/a.json")).contains("short");
    assertThat(state.names("tokens")).containsExactly("a.json");
    assertThat(state.readText("tokens/b.json")).isEmpty();
    assertThat(state.names("nothing")).isEmpty();
  }

  @Test
  void workOnTheFolderDoesNotOverlap() throws Exception {
    StateFolder state = StateFolder.open(folder);
    state.write("count", "0");
    ExecutorService many = Executors.newFixedThreadPool(4);
    for (int i = 0; i < 40; i++) {
      many.execute(
          () -> {
            try {
              state.<Boolean, IOException>locked(
                  () -> {
                    int count = Integer.parseInt(state.readText("count").orElseThrow());
                    state.write("count", Integer.toString(count + 1));
                    return true;
                  });
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
    }
    many.shutdown();
    assertThat(many.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

    assertThat(state.readText("count")).contains("40");
  }

  @Test
  void aSecondServerIsTurnedAwayUntilTheFirstIsGone() throws IOException {
    StateFolder state = StateFolder.open(folder);
    StateFolder.Claim first = state.claim();

    assertThatThrownBy(state::claim)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in use by another config server");
    first.close();
    state.claim().close();
  }
}
