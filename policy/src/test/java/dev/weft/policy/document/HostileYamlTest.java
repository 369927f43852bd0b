package dev.weft.policy.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file holds, reading it ends soon, with a place and never with an exception. */
@Timeout(20)
class HostileYamlTest {
  private static final String GOOD =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: r, labels: &l {a: b}}
      spec:
        parentRefs: [{kind: Service, name: pay}]
        rules:
        - matches: [{path: {type: PathPrefix, value: "/a"}, headers: [{name: x, value: 'y'}]}]
          backendRefs: [{name: pay, port: 80, weight: 1}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: p, annotations: *l}
      spec:
        action: DENY
        rules:
        - from: [{source: {principals: ["*/sa/web"]}}]
          to: [{operation: {ports: ["80"], paths: [/a*]}}]
      """;

  @Test
  void theSeedOfTheGarbageIsGood() {
    PolicyStore store = read(GOOD.replace(", annotations: *l", ""));

    assertThat(store.diagnostics()).isEmpty();
    assertThat(store.inForce()).hasSize(2);
  }

  @Test
  void aBombOfManyAliasesIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i));
      bomb.append("*a%d, ".formatted(i - 1).repeat(9)).append("]\n");
    }

    assertRefused(read(bomb.toString()), Code.LIMIT);
  }

  @Test
  void aBombOfFewAliasesIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 25; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }

    assertRefused(read(bomb.toString()), Code.LIMIT);
  }

  @Test
  void aCircleIsRefused() {
    assertRefused(
        read("apiVersion: v1\nkind: Service\nmetadata: &m {name: a, labels: *m}\nspec: &s [*s]\n"),
        Code.YAML_FEATURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- "})
  void depthIsBounded(String opening) {
    PolicyStore store = read(opening.repeat(100_000));

    assertThat(store.diagnostics()).hasSize(1);
    assertThat(store.diagnostics().get(0).severity()).isEqualTo(Severity.ERROR);
  }

  @Test
  void depthWithinTheLimitIsNotTheProblem() {
    PolicyStore store = read("x: " + "[".repeat(40) + "]".repeat(40));

    assertThat(store.diagnostics()).noneMatch(found -> found.code().equals(Code.LIMIT.id()));
  }

  @Test
  void sizeIsBounded() {
    assertRefused(read("# a comment of 32 characters....\n".repeat((16 << 20) / 32)), Code.LIMIT);
    assertThat(read("# a comment of 32 characters....\n".repeat((15 << 20) / 33)).diagnostics())
        .isEmpty();
  }

  @Test
  void theNumberOfValuesIsBounded() {
    assertThat(read("- a\n".repeat(2_000_001)).diagnostics())
        .singleElement()
        .satisfies(found -> assertThat(found.code()).isEqualTo(Code.LIMIT.id()))
        .satisfies(found -> assertThat(found.line()).isGreaterThan(2_000_000));
  }

  @Test
  void theNumberOfDocumentsIsBounded() {
    assertRefused(read("--- a\n".repeat(100_001)), Code.LIMIT);
  }

  @Test
  void linesAreBounded() {
    assertRefused(read("#".repeat(16 << 20)), Code.LIMIT);
    assertThat(read("#".repeat(256 << 10)).diagnostics()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "- a\n",
        "\n",
        "'",
        "\"",
        "a: b\n",
        "x ",
        "[a],\n",
        "? a\n",
        "--- a\n",
        "%a\n",
        "&a ",
        "|\n",
        " |\n",
        "{a: b},\n",
        "\\\n",
        "*a\n",
        "!a ",
        "- - ",
        "# #\n",
        "a:\n"
      })
  void muchOfTheSameIsReadSoon(String text) {
    String much = text.repeat((128 << 10) / text.length()).replaceAll("(.{100000})", "$1\n");
    for (String opening : List.of("", "a: \"", "a: [")) {
      assertThatCode(() -> read(opening + much)).doesNotThrowAnyException();
    }
  }

  @Test
  void textThatIsNotUtf8IsRefusedWithItsPlace() {
    byte[] bytes = "a: b\ncd: \u00e4".getBytes(StandardCharsets.ISO_8859_1);
    PolicyStore store = PolicyStore.empty().update(List.of(new SourceFile("m.yaml", bytes)));

    assertThat(store.diagnostics())
        .singleElement()
        .hasToString("m.yaml:2:5 WEFT002 the file is not UTF-8 from here on");
  }

  @Test
  void controlCharactersAreRefusedWithTheirPlace() {
    assertThat(read("a: b\nc: \u0007").diagnostics())
        .singleElement()
        .hasToString("m.yaml:2:4 WEFT001 not YAML: character U+0007 is not allowed");
  }

  @Test
  void aByteOrderMarkIsNoProblem() {
    assertThat(read("\uFEFF" + GOOD.replace(", annotations: *l", "")).diagnostics()).isEmpty();
  }

  @Test
  void tagsConstructNothingAndCostTheirDocumentOnly() {
    PolicyStore store =
        read(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: !!javax.script.ScriptEngineManager"
                + " [x]}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: good}\n");

    assertRefused(store, Code.YAML_FEATURE);
    assertThat(store.inForce()).hasSize(1);
  }

  @Test
  void aDocumentFullOfMistakesDoesNotFillTheLog() {
    StringBuilder text =
        new StringBuilder("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n");
    for (int i = 0; i < 10_000; i++) {
      text.append("field").append(i).append(": x\n");
    }

    assertThat(read(text.toString()).diagnostics()).hasSize(101);
  }

  @Test
  void aLongTextIsShownShort() {
    PolicyStore store =
        read("apiVersion: v1\nkind: Namespace\nmetadata: [\"" + "x".repeat(100_000) + "\"]\n");

    assertThat(store.diagnostics()).allMatch(found -> found.message().length() < 500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a{1000}){1000}",
        "((((a{100}){100}){100}){100})",
        "(a*)*(a*)*(a*)*b",
        "(?i)(x|xx|xxx)+$",
        "[[[[",
        "(((((",
        "\\\\p{Nope}",
        "(?<name>a)\\\\1"
      })
  void hostileExpressionsAreReadOrRefusedSoon(String expression) {
    assertThatCode(
            () ->
                read(
                    GOOD.replace(
                        "type: PathPrefix, value: \"/a\"",
                        "type: RegularExpression, value: \"" + expression + "\"")))
        .doesNotThrowAnyException();
  }

  @Test
  void noGarbageThrows() {
    SplittableRandom dice = new SplittableRandom(7);
    String alphabet = "{}[]:,-&*!|>'\"%@`#?\\\n\t \u0000\u00e4\uD800aA0~.<=";
    for (int round = 0; round < 1_500; round++) {
      StringBuilder text = new StringBuilder(GOOD);
      int edits = 1 + dice.nextInt(6);
      for (int i = 0; i < edits; i++) {
        int at = dice.nextInt(text.length());
        switch (dice.nextInt(3)) {
          case 0 -> text.insert(at, alphabet.charAt(dice.nextInt(alphabet.length())));
          case 1 -> text.deleteCharAt(at);
          default -> text.setCharAt(at, alphabet.charAt(dice.nextInt(alphabet.length())));
        }
      }
      for (Diagnostic found : read(text.toString()).diagnostics()) {
        assertThat(found.line()).isPositive();
        assertThat(found.column()).isPositive();
        assertThat(found.message()).isNotBlank().doesNotContain("\n");
      }
    }
  }

  @Test
  void noRandomBytesThrow() {
    SplittableRandom dice = new SplittableRandom(11);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = new byte[dice.nextInt(200)];
      dice.nextBytes(bytes);
      PolicyStore store = PolicyStore.empty().update(List.of(new SourceFile("m.yaml", bytes)));
      assertThat(store.inForce()).isEmpty();
    }
  }

  private static PolicyStore read(String text) {
    return PolicyStore.empty().update(List.of(new SourceFile("m.yaml", text)));
  }

  private static void assertRefused(PolicyStore store, Code code) {
    assertThat(store.diagnostics()).extracting(Diagnostic::code).contains(code.id());
  }
}
