package dev.weft.agent.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A source file without one of its protections. Read from a file such as
 *
 * <pre>
 * hazard: 7
 * removes: the error at an end without close_notify
 * test: dev.weft.agent.wire.TlsLinkTest#anEndWithoutCloseNotifyIsAnError
 * in: agent/src/main/java/dev/weft/agent/wire/TlsLink.java
 *
 *   if (n == Transport.EOF) {
 * -   throw new EOFException("connection truncated");
 * +   return Transport.EOF;
 *   }
 * </pre>
 *
 * <p>Lines of a hunk begin with blank, - or +; white space does not count, so that a formatter may
 * move the lines. A line {@code @@} begins another hunk.
 *
 * @param hazard its number in docs/reliability.md, or a row of the tables there such as T2
 * @param removes what the mutant lacks
 * @param test class#method; of a program of the integration tests ({@code app.}), one of its
 *     stories
 * @param module where the test is; not of a program
 * @param file the source, from the root of the repository
 */
record Mutant(
    String name,
    String hazard,
    String removes,
    String test,
    String module,
    String file,
    List<Hunk> hunks) {

  /** What is replaced by what. */
  record Hunk(List<String> before, List<String> after) {}

  /** Those of a repository, by name. */
  static List<Mutant> of(Path root) throws IOException {
    try (var files = Files.list(root.resolve("agent/src/mutation"))) {
      List<Mutant> mutants = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".mutant")).sorted().toList()) {
        mutants.add(parse(file));
      }
      return mutants;
    }
  }

  boolean story() {
    return test.startsWith("app.");
  }

  String testClass() {
    return test.substring(0, test.indexOf('#'));
  }

  String testMethod() {
    return test.substring(test.indexOf('#') + 1);
  }

  private static Mutant parse(Path file) throws IOException {
    String name = file.getFileName().toString().replace(".mutant", "");
    List<String> lines = Files.readAllLines(file);
    int blank = lines.indexOf("");
    List<String> head = lines.subList(0, blank);
    String module = field(head, "module");
    return new Mutant(
        name,
        required(head, "hazard", name),
        required(head, "removes", name),
        required(head, "test", name),
        module == null ? "agent" : module,
        required(head, "in", name),
        hunks(lines.subList(blank + 1, lines.size())));
  }

  private static List<Hunk> hunks(List<String> lines) {
    List<Hunk> hunks = new ArrayList<>();
    Hunk hunk = new Hunk(new ArrayList<>(), new ArrayList<>());
    for (String line : lines) {
      if (line.equals("@@")) {
        hunks.add(hunk);
        hunk = new Hunk(new ArrayList<>(), new ArrayList<>());
        continue;
      }
      char kind = line.isEmpty() ? ' ' : line.charAt(0);
      String text = line.isEmpty() ? "" : line.substring(1);
      if (kind != '+') {
        hunk.before().add(text);
      }
      if (kind != '-') {
        hunk.after().add(text);
      }
    }
    hunks.add(hunk);
    return hunks;
  }

  private static String field(List<String> head, String key) {
    return head.stream()
        .filter(line -> line.startsWith(key + ": "))
        .map(line -> line.substring(key.length() + 2))
        .findFirst()
        .orElse(null);
  }

  private static String required(List<String> head, String key, String name) {
    String value = field(head, key);
    if (value == null) {
      throw new IllegalArgumentException(name + " has no line \"" + key + ": \"");
    }
    return value;
  }

  /**
   * The changed source.
   *
   * @throws IllegalStateException unless each hunk's text is in the source exactly once
   */
  String applyTo(String source) {
    String changed = source;
    for (Hunk hunk : hunks) {
      Matcher place = pattern(hunk.before()).matcher(changed);
      if (!place.find()) {
        throw new IllegalStateException(name + " applies no more: not in " + file + ": " + hunk);
      }
      int start = place.start();
      int end = place.end();
      if (place.find()) {
        throw new IllegalStateException(name + " applies twice in " + file + ": " + hunk);
      }
      String after = String.join("\n", hunk.after());
      changed = changed.substring(0, start) + after + changed.substring(end);
    }
    return changed;
  }

  private static Pattern pattern(List<String> lines) {
    String words = String.join(" ", lines).trim();
    return Pattern.compile(
        Pattern.compile("\\s+")
            .splitAsStream(words)
            .map(Pattern::quote)
            .collect(Collectors.joining("\\s+")));
  }
}
