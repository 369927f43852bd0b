package dev.weft.server.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.policy.document.PolicyStore;
import dev.weft.server.log.Log;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyFolderTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: pay}
      spec:
        selector: {app: pay}
        ports: [{port: 80}]
      """;

  @TempDir Path root;
  private Path folder;
  private StateFolder state;
  private final List<PolicyStore> stores = new CopyOnWriteArrayList<>();
  private final List<String> log = new CopyOnWriteArrayList<>();

  @BeforeEach
  void make() throws IOException {
    folder = Files.createDirectory(root.resolve("policy"));
    state = StateFolder.open(root.resolve("state"));
  }

  private PolicyFolder open() throws IOException {
    return PolicyFolder.open(
        folder,
        state,
        Generations.open(state, InstantSource.system(), Log.to(log::add)),
        version -> stores.add(version.store()),
        Log.to(log::add));
  }

  private int documents() {
    return stores.get(stores.size() - 1).documents().size();
  }

  @Test
  void whatIsThereIsInForceWhenItOpens() throws IOException {
    Files.writeString(folder.resolve("pay.yaml"), SERVICE);
    Files.writeString(folder.resolve("notes.txt"), "no document");
    Files.writeString(folder.resolve(".hidden.yaml"), "no: document");

    try (PolicyFolder opened = open()) {
      assertThat(documents()).isEqualTo(1);
      assertThat(opened.problems()).isEmpty();
    }
  }

  @Test
  void anEmptyFolderIsAMeshWithoutPolicy() throws IOException {
    try (PolicyFolder opened = open()) {
      assertThat(documents()).isZero();
    }
  }

  @Test
  void newChangedAndDeletedFilesAreNoticedAlsoInNewFolders() throws IOException {
    try (PolicyFolder opened = open()) {
      Path file = Files.createDirectory(folder.resolve("team")).resolve("pay.yaml");
      Files.writeString(file, SERVICE);
      await().until(() -> documents() == 1);
      Files.writeString(file, SERVICE + "---\n" + SERVICE.replace("pay", "orders"));
      await().until(() -> documents() == 2);
      Files.delete(file);
      await().until(() -> documents() == 0);
    }
  }

  @Test
  void aFileThatIsReplacedIsInForceSoon() throws IOException {
    Path file = Files.writeString(folder.resolve("pay.yaml"), SERVICE);
    try (PolicyFolder opened = open()) {
      Path swap = Files.writeString(root.resolve("swap"), SERVICE.replace("80", "81"));
      int before = stores.size();
      Files.move(swap, file, StandardCopyOption.REPLACE_EXISTING);

      await().until(() -> stores.size() > before);
    }
  }

  @Test
  void aFileThatIsEmptyForAMomentDoesNotTakeItsDocumentsOutOfForce() throws Exception {
    Path file = Files.writeString(folder.resolve("pay.yaml"), SERVICE);
    try (PolicyFolder opened = open()) {
      for (int i = 0; i < 5; i++) {
        int before = stores.size();
        Files.write(file, new byte[0]); // as an editor that truncates first
        Files.writeString(file, SERVICE.replace("80", "9" + i));
        await().until(() -> stores.size() > before);
      }
    }

    assertThat(stores).allMatch(store -> store.documents().size() == 1);
  }

  @Test
  void aVanishedFolderKeepsWhatWasInForceAndSaysSo() throws IOException {
    Files.writeString(folder.resolve("pay.yaml"), SERVICE);
    try (PolicyFolder opened = open()) {
      Files.move(folder, root.resolve("away"));
      await().until(() -> !opened.problems().isEmpty());
      assertThat(documents()).isEqualTo(1);
      assertThat(log).anyMatch(line -> line.contains("does not exist"));

      Files.move(root.resolve("away"), folder);
      await().until(() -> opened.problems().isEmpty());
      Files.delete(folder.resolve("pay.yaml"));
      await().until(() -> documents() == 0);
    }
  }

  @Test
  void aFolderThatNeverWasThereIsAnError() {
    folder = root.resolve("typo");

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void aFolderThatIsMissingAtARestartLeavesTheLastGoodInForce() throws IOException {
    Files.writeString(folder.resolve("pay.yaml"), SERVICE);
    open().close();
    Files.move(folder, root.resolve("away"));

    try (PolicyFolder opened = open()) {
      assertThat(documents()).isEqualTo(1);
      assertThat(opened.problems()).isNotEmpty();
    }
  }

  @Test
  void aFileThatWasDeletedWhileTheServerWasDownIsGone() throws IOException {
    Path file = Files.writeString(folder.resolve("pay.yaml"), SERVICE);
    open().close();
    Files.delete(file);

    try (PolicyFolder opened = open()) {
      assertThat(documents()).isZero();
    }
  }

  @Test
  void aFileThatCannotBeReadKeepsItsLastContent() throws IOException {
    Path file = Files.writeString(folder.resolve("pay.yaml"), SERVICE);
    try (PolicyFolder opened = open()) {
      Files.write(file, new byte[5 << 20]); // larger than any file may be
      await().until(() -> !opened.problems().isEmpty());

      assertThat(documents()).isEqualTo(1);
      assertThat(opened.problems()).singleElement().asString().contains("pay.yaml", "larger");
      Files.writeString(file, SERVICE);
      await().until(() -> opened.problems().isEmpty());
    }
  }
}
