package dev.weft.policy.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CodeTest {

  @Test
  void noNumberIsGivenTwice() {
    assertThat(Arrays.stream(Code.values()).map(Code::id)).doesNotHaveDuplicates();
  }

  @Test
  void theDocumentationListsEveryKindWithItsVersionsAndItsPage() throws IOException {
    String page = Files.readString(Path.of("../docs/policy.md"));
    for (Kind kind : Kind.values()) {
      Matcher row =
          Pattern.compile(
                  "^\\|[^|]*`" + kind.text() + "`[^|]*\\|[^|]*\\|.*\\((policy/[a-z]+\\.md)\\) \\|$",
                  Pattern.MULTILINE)
              .matcher(page);
      assertThat(row.find()).as("a row of %s with a link to its page", kind).isTrue();
      assertThat(Files.readString(Path.of("../docs", row.group(1)))).contains(kind.text());
      kind.apiVersions().forEach(version -> assertThat(page).contains("`" + version + "`"));
    }
  }
}
