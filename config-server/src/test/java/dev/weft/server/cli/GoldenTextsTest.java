package dev.weft.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.document.PolicyStore;
import dev.weft.policy.document.SourceFile;
import dev.weft.server.diff.Change;
import dev.weft.server.diff.MeshDiff;
import dev.weft.server.diff.MeshModel;
import dev.weft.server.explain.Explanation;
import dev.weft.server.explain.Question;
import dev.weft.server.protocol.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@code weft explain} and {@code weft diff} say, word by word. In {@code explain/NAME.yaml} a
 * line {@code #! explain --from SA --to HOST [--about A] [--method M] [--path P] [-H n:v]} asks; in
 * {@code diff/NAME.yaml} the line {@code #! new} parts what was from what will be. {@code
 * -Dgolden.update=true} writes the expectations anew, to be read before they are believed.
 */
class GoldenTextsTest {
  private static final Path RESOURCES = Path.of("src/test/resources");

  static Stream<String> explanations() throws IOException {
    return cases("explain");
  }

  static Stream<String> differences() throws IOException {
    return cases("diff");
  }

  private static Stream<String> cases(String folder) throws IOException {
    try (Stream<Path> files = Files.list(RESOURCES.resolve(folder))) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".yaml"))
              .map(name -> folder + "/" + name.substring(0, name.length() - ".yaml".length()))
              .sorted()
              .toList();
      assertThat(names).hasSizeGreaterThanOrEqualTo(8);
      return names.stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("explanations")
  void explanationsReadAsExpected(String name) throws IOException, Refusal {
    String text = Files.readString(RESOURCES.resolve(name + ".yaml"));
    PolicyStore policy = PolicyStore.empty().update(List.of(new SourceFile("mesh.yaml", text)));
    StringBuilder actual = new StringBuilder();
    for (String line : text.lines().filter(one -> one.startsWith("#! explain ")).toList()) {
      actual
          .append(line)
          .append('\n')
          .append(
              ExplanationText.of(
                  Tree.of(Explanation.ofDocuments(question(line), policy, "cluster.local"))))
          .append('\n');
    }

    check(name, actual.toString());
  }

  private static Question question(String line) throws Refusal {
    String from = "";
    String to = "";
    String about = "";
    String method = "";
    String path = "";
    List<String> headers = new ArrayList<>();
    String[] words = line.split(" ", -1);
    for (int i = 2; i + 1 < words.length; i += 2) {
      switch (words[i]) {
        case "--from" -> from = words[i + 1];
        case "--to" -> to = words[i + 1];
        case "--about" -> about = words[i + 1];
        case "--method" -> method = words[i + 1];
        case "--path" -> path = words[i + 1];
        case "-H" -> headers.add(words[i + 1]);
        default -> throw new IllegalArgumentException(line);
      }
    }
    return Question.of(from, to, about, method, path, headers);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("differences")
  void differencesReadAsExpected(String name) throws IOException {
    String text = Files.readString(RESOURCES.resolve(name + ".yaml"));
    int part = text.indexOf("#! new");
    assertThat(part).isNotNegative();

    check(name, DiffCommand.text(between(text.substring(0, part), text.substring(part))));
  }

  @Test
  void orderFilesAndFormAreNoDifference() throws IOException {
    for (String name : differences().toList()) {
      String text = Files.readString(RESOURCES.resolve(name + ".yaml"));
      String documents = text.substring(0, text.indexOf("#! new"));
      List<SourceFile> turned = new ArrayList<>();
      for (String document : documents.split("(?m)^---$", -1)) {
        turned.add(0, new SourceFile("z" + (99 - turned.size()) + ".yaml", "\n" + document));
      }
      assertThat(
              MeshDiff.between(
                  model(List.of(new SourceFile("mesh.yaml", documents))), model(turned)))
          .as(name)
          .isEmpty();
    }
  }

  private static List<Change> between(String old, String now) {
    return MeshDiff.between(
        model(List.of(new SourceFile("mesh.yaml", old))),
        model(List.of(new SourceFile("mesh.yaml", now))));
  }

  private static MeshModel model(List<SourceFile> files) {
    PolicyStore policy = PolicyStore.empty().update(files);
    assertThat(policy.documents()).allMatch(document -> document.accepted());
    return MeshModel.of(policy, "cluster.local");
  }

  private static void check(String name, String actual) throws IOException {
    Path expectation = RESOURCES.resolve(name + ".expected");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(expectation, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(expectation));
  }
}
