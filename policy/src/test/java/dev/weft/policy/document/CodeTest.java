package dev.weft.policy.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class CodeTest {

  @Test
  void noNumberIsGivenTwice() {
    assertThat(Arrays.stream(Code.values()).map(Code::id)).doesNotHaveDuplicates();
  }

  @Test
  void theDocumentationListsEveryCodeWithItsExplanation() throws IOException {
    String page = Files.readString(Path.of("../docs/policy.md"));
    for (Code code : Code.values()) {
      assertThat(page)
          .contains(
              "| `%s` | %s | %s |"
                  .formatted(
                      code.id(),
                      code.severity().name().toLowerCase(Locale.ROOT),
                      code.explanation()));
    }
  }

  @Test
  void theDocumentationListsEveryKindWithItsVersions() throws IOException {
    String page = Files.readString(Path.of("../docs/policy.md"));
    for (Kind kind : Kind.values()) {
      assertThat(page).contains("`" + kind.text() + "`");
      kind.apiVersions().forEach(version -> assertThat(page).contains("`" + version + "`"));
    }
  }
}
