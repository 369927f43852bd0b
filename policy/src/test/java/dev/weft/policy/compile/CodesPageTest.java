package dev.weft.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.document.Code;
import dev.weft.policy.document.Diagnostic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keeps docs/codes.md true. A section is
 *
 * <pre>
 * ## WEFT094
 * warning: One backend stands twice in a rule      (level and explanation of {@link Code})
 *
 * What it means and how it is cured.
 *
 * ```yaml                                          (which yields this code and no other;
 * ...                                               #! workload lines as in {@link GoldenTest})
 * ```
 * </pre>
 *
 * or, where documents alone do not show the code, {@code *No example: why.*} in place of the YAML.
 */
class CodesPageTest {
  private static final Path PAGE = Path.of("../docs/codes.md");
  private static final Pattern SECTION =
      Pattern.compile("^## (WEFT\\d{3})\\n(.*?)(?=^## |\\z)", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern EXAMPLE = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
  private static final int LEAST_TEXT = 40;

  private static Map<String, String> sections() throws IOException {
    Map<String, String> sections = new TreeMap<>();
    Matcher section = SECTION.matcher(Files.readString(PAGE));
    while (section.find()) {
      assertThat(sections.put(section.group(1), section.group(2)))
          .as("docs/codes.md has two sections %s", section.group(1))
          .isNull();
    }
    return sections;
  }

  static Stream<Code> codes() {
    return Arrays.stream(Code.values());
  }

  @Test
  void noSectionIsAboutACodeThatDoesNotExist() throws IOException {
    assertThat(codes().map(Code::id).toList())
        .as("codes for which docs/codes.md has a section")
        .containsAll(sections().keySet());
  }

  @ParameterizedTest
  @MethodSource("codes")
  void everyCodeHasASectionWithItsLevelAndItsCure(Code code) throws IOException {
    assertThat(sections())
        .as("docs/codes.md needs a section \"## %s\" for Code.%s", code.id(), code)
        .containsKey(code.id());
    String section = sections().get(code.id());
    assertThat(section)
        .as("the first line of the section %s of docs/codes.md", code.id())
        .startsWith(
            code.severity().name().toLowerCase(Locale.ROOT) + ": " + code.explanation() + "\n");
    String prose = EXAMPLE.matcher(section).replaceAll("").replaceFirst(".*\\n", "");
    assertThat(prose.strip()).as("what %s means", code.id()).hasSizeGreaterThan(LEAST_TEXT);
  }

  @ParameterizedTest
  @MethodSource("codes")
  void everyExampleYieldsItsCodeAndNoOther(Code code) throws IOException {
    Matcher example = EXAMPLE.matcher(sections().getOrDefault(code.id(), ""));
    if (!example.find()) {
      assertThat(sections().getOrDefault(code.id(), ""))
          .as("the section %s of docs/codes.md needs an example in ```yaml, or says why not", code)
          .contains("*No example: ");
      return;
    }
    List<Diagnostic> found = new GoldenTest.Case(example.group(1)).lint().diagnostics();

    assertThat(found.stream().map(Diagnostic::code).distinct())
        .as("codes of the example of %s, which says %s", code.id(), found)
        .containsExactly(code.id());
  }
}
