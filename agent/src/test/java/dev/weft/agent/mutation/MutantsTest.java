package dev.weft.agent.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be said of the mutants without running them: they still fit to the code around them. */
class MutantsTest {
  private static final Path ROOT = Path.of("..");

  static List<Mutant> mutants() throws IOException {
    return Mutant.of(ROOT);
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void aMutantStillApplies(Mutant mutant) throws IOException {
    String source = Files.readString(ROOT.resolve(mutant.file()));

    assertThat(mutant.applyTo(source)).isNotEqualTo(source);
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void itsTestStillExists(Mutant mutant) throws IOException {
    String module = mutant.story() ? "integration-tests" : mutant.module();
    Path test =
        ROOT.resolve(module)
            .resolve("src/test/java")
            .resolve(mutant.testClass().replace('.', '/') + ".java");

    assertThat(test).content().containsPattern("void " + mutant.testMethod() + "\\(");
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void itIsInTheTables(Mutant mutant) {
    assertThat(ROOT.resolve("docs/reliability.md"))
        .content()
        .contains("`" + mutant.name() + "`", "`" + mutant.testMethod() + "`");
  }
}
