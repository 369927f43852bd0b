package dev.weft.it.contract;

import dev.weft.it.Built;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What became of each story of a run. Thread-safe. */
final class Results {
  private static final JsonMapper JSON = new JsonMapper();

  private final Run run;
  private final Map<String, Result> stories = new TreeMap<>();

  /** What became of a story; the worse, the later. */
  enum Verdict {
    PASSED,
    /** The library cannot do it. */
    GAP,
    /** Weft cannot do it yet. */
    NOT_YET,
    FAILED
  }

  /**
   * A story's result.
   *
   * @param reason empty: none
   */
  record Result(Verdict verdict, String reason) {}

  Results(Run run) {
    this.run = run;
  }

  synchronized void add(String story, Verdict verdict, String reason) {
    stories.put(story, new Result(verdict, reason));
  }

  /** Where results lie, a file for each run. */
  static Path folder() {
    return Built.target().resolve("contract");
  }

  /** Writes {@code target/contract/<run>.json}. */
  synchronized void write() throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("library", run.library().name());
    root.put("version", run.version().name());
    root.put("jdk", run.jdk().feature());
    ObjectNode all = root.putObject("stories");
    stories.forEach(
        (story, result) -> {
          ObjectNode one = all.putObject(story);
          one.put("verdict", result.verdict().name());
          if (!result.reason().isEmpty()) {
            one.put("reason", result.reason());
          }
        });
    Files.createDirectories(folder());
    Files.writeString(
        folder().resolve(run.file() + ".json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
  }
}
