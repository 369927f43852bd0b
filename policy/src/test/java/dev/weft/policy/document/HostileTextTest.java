package dev.weft.policy.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Texts that are nearly right, and bytes that are no text, end in a diagnostic or in acceptance.
 */
@Timeout(120)
class HostileTextTest {
  private static final String POLICY =
      """
      # a comment
      apiVersion: weft.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: plain, labels: {quoted: "a b", 'single': 'c'}}
      spec:
        targetRefs: [{kind: Service, name: pay}]
        timeouts: {request: 2s}
        retryBudget: {percent: 20}
      """;

  /** A byte sequence that UTF-8 does not have, at every kind of place of a document. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "# a comm",
        "apiVer",
        "weft.dev",
        "Resil",
        "plain",
        "\"a b",
        "'sing",
        "'c",
        "{kind: ",
        "Service, ",
        "2s}\n",
        "2",
        "percent: 20}\n"
      })
  void bytesThatAreNotUtf8AreRefusedWithTheirPlace(String before) throws IOException {
    int at = POLICY.indexOf(before) + before.length();
    for (byte[] wrong :
        List.of(
            new byte[] {(byte) 0x80}, // a continuation of nothing
            new byte[] {(byte) 0xc0, (byte) 0xaf}, // "/" in two bytes
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, // half of a pair
            new byte[] {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80}, // beyond Unicode
            new byte[] {(byte) 0xe2, (byte) 0x82}, // two of three bytes
            new byte[] {(byte) 0xff})) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.write(POLICY.substring(0, at).getBytes(StandardCharsets.UTF_8));
      bytes.write(wrong);
      bytes.write(POLICY.substring(at).getBytes(StandardCharsets.UTF_8));
      String read = POLICY.substring(0, at);
      int line = (int) read.chars().filter(c -> c == '\n').count() + 1;
      int column = read.length() - read.lastIndexOf('\n');

      assertThat(read(bytes.toByteArray()).diagnostics())
          .singleElement()
          .hasToString(
              "m.yaml:%d:%d WEFT002 the file is not UTF-8 from here on".formatted(line, column));
    }
  }

  @Test
  void anUnharmedTextIsAccepted() {
    assertThat(read(POLICY).inForce()).hasSize(1);
    assertThat(read("\uFEFF" + POLICY).inForce()).hasSize(1);
    assertThat(read(POLICY.replace("\n", "\r\n")).inForce()).hasSize(1);
    assertThat(read(POLICY.replace("plain", "pl\u00e4in").replace("pl\u00e4in", "plain")).inForce())
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "IBM1047"})
  void otherEncodingsAreRefused(String encoding) {
    assertRefused(read(POLICY.getBytes(Charset.forName(encoding))));
  }

  @ParameterizedTest
  @CsvSource({"5, WEFT001", "0, WEFT001", "127, WEFT001", "8232, ''", "65279, ''"})
  void charactersOutsideOfTextAreRefusedOrPartOfIt(int codePoint, String code) {
    String strange = Character.toString(codePoint);
    PolicyStore inValue = read(POLICY.replace("a b", "a" + strange + "b"));

    assertThat(inValue.inForce()).hasSize(code.isEmpty() ? 1 : 0);
    assertThat(inValue.diagnostics())
        .allMatch(found -> found.code().equals(code) || found.severity() == Severity.WARNING);
    assertRefused(read(POLICY.replace("timeouts", "time" + strange + "outs")));
  }

  @Test
  void tabsCannotIndent() {
    assertRefused(read(POLICY.replace("  timeouts", "\ttimeouts")));
    assertThat(read(POLICY.replace("request: 2s", "request:\t2s")).inForce()).hasSize(1);
  }

  /** What YAML reads out of an unquoted value that somebody thinks to be another one. */
  @ParameterizedTest
  @CsvSource({
    "20, true",
    "0, true",
    "100, true",
    "'\"20\"', false",
    "020, false",
    "0o24, false",
    "0x14, false",
    "0b11, false",
    "2_0, false",
    "20.0, false",
    "2e1, false",
    "+20, false",
    "-1, false",
    "101, false",
    "99999999999999999999, false",
    "1e400, false",
    ".nan, false",
    ".inf, false",
    "20:30, false",
    "2026-01-01, false",
    "on, false",
    "yes, false",
    "~, false",
    "null, false",
    "'[20]', false",
    "'{a: 20}', false",
    "!!int 20, true",
    "'!!str 20', false",
    "'!!float 20', false",
    "'&a 20', true",
    "'*a', false",
  })
  void numbersAreDecimalAndNothingElse(String written, boolean accepted) {
    PolicyStore store = read(POLICY.replace("percent: 20", "percent: " + written));

    assertThat(store.inForce()).hasSize(accepted ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "true, true",
    "false, true",
    "on, false",
    "off, false",
    "yes, false",
    "no, false",
    "y, false",
    "1, false",
    "'\"true\"', false"
  })
  void truthIsTrueOrFalse(String written, boolean accepted) {
    PolicyStore store =
        read(
            """
            apiVersion: weft.dev/v1alpha1
            kind: MeshConfig
            metadata: {name: mesh}
            spec: {accessLog: {enabled: %s}}
            """
                .formatted(written));

    assertThat(store.inForce()).hasSize(accepted ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({
    "plain, true",
    "on, false",
    "no, false",
    "null, false",
    "1.0, false",
    "007, false",
    "2026-01-01, true",
    "'\"on\"', true",
    "Plain, false",
    "pl\u00e4in, false",
    "p\u0430y, false",
    "pay., false",
    "xn--pay, true",
    "-pay, false"
  })
  void namesAreLowerCaseDnsNames(String written, boolean accepted) {
    PolicyStore store = read(POLICY.replace("name: plain", "name: " + written));

    assertThat(store.inForce()).hasSize(accepted ? 1 : 0);
  }

  @Test
  void mutantsOfRealDocumentsNeverThrowAndNeverTakeLong() throws IOException {
    List<String> documents = documents();
    SplittableRandom dice = new SplittableRandom(4);
    int accepted = 0;
    for (int round = 0; round < 2_000; round++) {
      String mutant = mutant(documents, dice);
      long before = System.nanoTime();
      PolicyStore store = read(mutant);
      assertThat(System.nanoTime() - before).as(mutant).isLessThan(5_000_000_000L);
      accepted += store.inForce().isEmpty() ? 0 : 1;
      if (store.inForce().isEmpty() && !store.documents().isEmpty()) {
        assertThat(store.diagnostics()).as(mutant).isNotEmpty();
      }
      for (Diagnostic found : store.diagnostics()) {
        assertThat(found.line()).as(mutant).isPositive();
        assertThat(found.column()).as(mutant).isPositive();
        assertThat(found.message()).as(mutant).isNotBlank().doesNotContain("\n");
      }
    }
    // Else the mutants were too wild to get past the parser, and the readers were never asked.
    assertThat(accepted).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aMillionBytesOfGarbageAreRefusedSoon(long seed) {
    SplittableRandom dice = new SplittableRandom(seed);
    byte[] noise = new byte[1_000_000];
    dice.nextBytes(noise);
    assertRefused(read(noise));

    String alphabet = "{}[]:,-&*!|>'\"%@`#?\\ \n\n\n  ab01~.<=\t";
    byte[] signs = new byte[1_000_000];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = (byte) alphabet.charAt(dice.nextInt(alphabet.length()));
    }
    assertRefused(read(signs));
  }

  @Test
  void aMillionBytesOfShuffledLinesAreReadSoon() throws IOException {
    List<String> lines = new ArrayList<>();
    documents().forEach(document -> lines.addAll(document.lines().toList()));
    SplittableRandom dice = new SplittableRandom(5);
    StringBuilder text = new StringBuilder();
    while (text.length() < 1_000_000) {
      text.append(lines.get(dice.nextInt(lines.size()))).append('\n');
    }

    assertThat(read(text.toString()).diagnostics()).isNotEmpty();
  }

  /** One of: a line less, a line twice, two lines swapped, lines of another document, a value. */
  private static String mutant(List<String> documents, SplittableRandom dice) {
    List<String> lines =
        new ArrayList<>(documents.get(dice.nextInt(documents.size())).lines().toList());
    for (int edits = dice.nextInt(3); edits >= 0 && !lines.isEmpty(); edits--) {
      int at = dice.nextInt(lines.size());
      String line = lines.get(at);
      switch (dice.nextInt(8)) {
        case 0 -> lines.remove(at);
        case 1 -> lines.add(at, line);
        case 2 -> lines.set(at, lines.set(dice.nextInt(lines.size()), line));
        case 3 -> {
          List<String> other = documents.get(dice.nextInt(documents.size())).lines().toList();
          lines.add(at, other.get(dice.nextInt(other.size())));
        }
        case 4 -> lines.set(at, line.replaceFirst(":.*", ":"));
        case 5 -> lines.set(at, line.replaceFirst("[0-9]+", value(dice)));
        case 6 -> lines.set(at, line.replaceFirst(": [^{\\[].*", ": " + value(dice)));
        default -> lines.set(at, "  " + line);
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private static String value(SplittableRandom dice) {
    List<String> values =
        List.of(
            "-1",
            "99999999999999999999",
            ".nan",
            "on",
            "~",
            "[]",
            "{}",
            "''",
            "\u00e4\u0430",
            "0x7f",
            "1h30m",
            "[[[[]]]]",
            "{a: {b: c}}",
            "(a+)+",
            "\u202e",
            "a: b");
    return java.util.regex.Matcher.quoteReplacement(values.get(dice.nextInt(values.size())));
  }

  private static List<String> documents() throws IOException {
    List<String> documents = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".yaml")).sorted().toList()) {
        documents.addAll(List.of(Files.readString(file).split("(?m)^---\n", -1)));
      }
    }
    documents.removeIf(String::isBlank);
    return documents;
  }

  private static PolicyStore read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static PolicyStore read(byte[] bytes) {
    return PolicyStore.empty().update(List.of(new SourceFile("m.yaml", bytes)));
  }

  private static void assertRefused(PolicyStore store) {
    assertThat(store.inForce()).isEmpty();
    assertThat(store.diagnostics()).anyMatch(found -> found.severity() == Severity.ERROR);
  }
}
