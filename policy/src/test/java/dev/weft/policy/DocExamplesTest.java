package dev.weft.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.compile.Lint;
import dev.weft.policy.document.Diagnostic;
import dev.weft.policy.document.Severity;
import dev.weft.policy.document.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Examples in the documentation are documents like any other: whoever pastes one gets no errors,
 * and no warnings but those whose codes the page names ({@code `WEFT023`}).
 */
class DocExamplesTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$");

  static Stream<String> pages() throws IOException {
    List<String> pages = new ArrayList<>(List.of("README.md"));
    try (Stream<Path> files = Files.list(ROOT.resolve("docs/policy"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".md"))
          .sorted()
          .forEach(name -> pages.add("docs/policy/" + name));
    }
    assertThat(pages).hasSizeGreaterThanOrEqualTo(8);
    return pages.stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyExampleRunsAndOnlyWarnsAsItsPageSays(String page) throws IOException {
    String text = Files.readString(ROOT.resolve(page));
    Matcher blocks = BLOCK.matcher(text);
    String prose = BLOCK.matcher(text).replaceAll("");
    int number = 0;
    while (blocks.find()) {
      number++;
      String name = page + " example " + number;
      for (Diagnostic found : Lint.lint(List.of(new SourceFile(name, blocks.group(1))))) {
        assertThat(found.severity()).as(found.toString()).isEqualTo(Severity.WARNING);
        assertThat(prose).as(found.toString()).contains("`" + found.code() + "`");
      }
    }

    // The README may do without; a page about a kind may not.
    assertThat(number).isGreaterThanOrEqualTo(page.startsWith("docs/policy/") ? 1 : 0);
  }
}
