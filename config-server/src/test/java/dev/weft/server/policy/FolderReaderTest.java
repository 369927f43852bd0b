package dev.weft.server.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FolderReaderTest {
  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void make() throws IOException {
    folder = Files.createDirectory(root.resolve("policy"));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "its files have no key")
  void aFileOfTheSameAgeAndLengthInThePlaceOfAnotherIsAChange() throws IOException {
    Path file = Files.writeString(folder.resolve("pay.yaml"), "port: 80");
    FolderReader.Look before = FolderReader.look(folder);
    Path swap = Files.writeString(root.resolve("swap"), "port: 81");
    Files.setLastModifiedTime(swap, Files.getLastModifiedTime(file));

    Files.move(swap, file, StandardCopyOption.REPLACE_EXISTING);

    assertThat(FolderReader.look(folder).files()).isNotEqualTo(before.files());
  }

  @Test
  void aFolderThatNobodyTouchesLooksTheSame() throws IOException {
    Files.writeString(folder.resolve("pay.yaml"), "port: 80");

    assertThat(FolderReader.look(folder)).isEqualTo(FolderReader.look(folder));
  }
}
