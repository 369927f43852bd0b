package dev.weft.it.contract;

import dev.weft.it.Built;
import dev.weft.it.contract.Results.Verdict;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The README's table of client libraries, made from what their stories came to.
 *
 * <p>{@code -Dweft.contract.write=true} writes it into the README instead of comparing.
 */
final class Matrix {
  private static final String BEGIN = "<!-- begin: made from the results of ClientContract -->\n";
  private static final String END = "<!-- end -->";
  private static final String HEAD =
      "| client | versions | stories passed | gaps of the library | not yet |\n|---|---|---|---|---|\n";
  private static final Path README = Built.JARS.root().resolve("README.md");
  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, Row> rows = new LinkedHashMap<>();

  /** A library: what its stories came to at its worst, over all versions and JDKs. */
  private record Row(
      Set<String> versions, Map<String, Verdict> stories, Map<String, String> reasons) {
    Row() {
      this(new TreeSet<>(Matrix::compareVersions), new TreeMap<>(), new TreeMap<>());
    }

    void add(String story, Verdict verdict, String reason) {
      Verdict before = stories.getOrDefault(story, Verdict.PASSED);
      if (verdict.compareTo(before) >= 0) {
        stories.put(story, verdict);
        reasons.put(story, reason);
      }
    }

    /** {@code 3: reason}, for each reason. */
    String count(Verdict verdict) {
      Map<String, Integer> counts = new TreeMap<>();
      stories.forEach(
          (story, what) -> {
            if (what == verdict) {
              counts.merge(reasons.get(story), 1, Integer::sum);
            }
          });
      return counts.entrySet().stream()
          .map(one -> one.getKey() + (one.getValue() > 1 ? " (" + one.getValue() + ")" : ""))
          .collect(Collectors.joining("; "));
    }

    long number(Verdict verdict) {
      return stories.values().stream().filter(verdict::equals).count();
    }
  }

  /** Forgets the results of earlier runs of some libraries. */
  static void clear(List<Library> libraries) throws IOException {
    for (Path file : files(libraries)) {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Compares the README's rows of some libraries with their results.
   *
   * @throws AssertionError when its table says something else
   */
  static void check(List<Library> libraries) throws IOException {
    List<Path> files = files(libraries);
    if (!files.stream().allMatch(Files::exists)) {
      System.err.println("not every version has run: the README's table is not compared");
      return;
    }
    Matrix matrix = new Matrix();
    for (Library library : libraries) {
      matrix.rows.put(library.name(), new Row());
    }
    for (Path file : files) {
      matrix.read(JSON.readTree(Files.readString(file)));
    }
    matrix.compare();
  }

  private static List<Path> files(List<Library> libraries) {
    return Libraries.everything()
        .filter(run -> libraries.contains(run.library()))
        .map(run -> Results.folder().resolve(run.file() + ".json"))
        .toList();
  }

  private void read(JsonNode result) {
    Row row = rows.get(result.path("library").asString());
    row.versions().add(result.path("version").asString());
    for (Map.Entry<String, JsonNode> story : result.path("stories").properties()) {
      row.add(
          story.getKey(),
          Verdict.valueOf(story.getValue().path("verdict").asString()),
          story.getValue().path("reason").asString(""));
    }
  }

  private void compare() throws IOException {
    if (Boolean.getBoolean("weft.contract.write")) {
      write();
      return;
    }
    List<String> said = table(Files.readString(README));
    for (Map.Entry<String, Row> row : rows.entrySet()) {
      String line = line(row.getKey(), row.getValue());
      if (!said.contains(line)) {
        throw new AssertionError(
            "the README says something else than the stories' results"
                + " (-Dweft.contract.write=true writes it); it should be:\n"
                + line);
      }
    }
  }

  /** Classes of stories run side by side, in JVMs of their own. */
  private void write() throws IOException {
    try (FileChannel guard =
            FileChannel.open(
                Built.target().resolve("matrix.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = guard.lock()) {
      String readme = Files.readString(README);
      List<String> lines = new ArrayList<>(table(readme));
      rows.forEach(
          (library, row) -> {
            lines.removeIf(line -> line.startsWith("| " + library + " |"));
            lines.add(line(library, row));
          });
      List<String> names = Libraries.all().stream().map(Library::name).toList();
      lines.sort(
          Comparator.comparingInt(line -> names.indexOf(line.split(" \\| ")[0].substring(2))));
      int begin = readme.indexOf(BEGIN) + BEGIN.length();
      String table = HEAD + String.join("\n", lines) + "\n";
      Files.writeString(
          README, readme.substring(0, begin) + table + readme.substring(readme.indexOf(END)));
    }
  }

  /** The rows of the table. */
  private static List<String> table(String readme) {
    int begin = readme.indexOf(BEGIN + HEAD);
    int end = readme.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new AssertionError("the README has no place for the table of client libraries");
    }
    return readme.substring(begin + BEGIN.length() + HEAD.length(), end).lines().toList();
  }

  private static String line(String library, Row row) {
    Map<Verdict, String> counts = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      counts.put(verdict, row.count(verdict));
    }
    return "| "
        + String.join(
            " | ",
            library,
            String.join(", ", row.versions()),
            row.number(Verdict.PASSED) + " of " + row.stories().size(),
            counts.get(Verdict.GAP),
            counts.get(Verdict.NOT_YET))
        + " |";
  }

  /** Numbers as numbers: 4.5.0 before 4.12.1. */
  private static int compareVersions(String one, String other) {
    String[] first = one.split("\\.");
    String[] second = other.split("\\.");
    for (int i = 0; i < Math.min(first.length, second.length); i++) {
      int order =
          first[i].length() != second[i].length()
              ? Integer.compare(first[i].length(), second[i].length())
              : first[i].compareTo(second[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(first.length, second.length);
  }
}
