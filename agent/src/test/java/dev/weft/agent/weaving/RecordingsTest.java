package dev.weft.agent.weaving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.members.Need;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing is woven whose needs the build did not record. */
class RecordingsTest {
  static List<Instrumentation> instrumentations() {
    return ServiceLoader.load(Instrumentation.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("instrumentations")
  void everyInstrumentationHasItsRecording(Instrumentation instrumentation) {
    assertThat(new Recordings(getClass().getClassLoader()).of(instrumentation.name()).hook())
        .isEqualTo(instrumentation.name());
  }

  /** Of a copy under another name only the class at hand could be checked. */
  @ParameterizedTest
  @MethodSource("instrumentations")
  void whatIsWovenInRelocatedCopiesNeedsNothingOfTheirs(Instrumentation instrumentation) {
    boolean relocated =
        instrumentation.types().stream()
            .anyMatch(type -> type.copies() == TypeWeave.Copies.RELOCATED);
    List<Need> needs =
        new Recordings(getClass().getClassLoader()).of(instrumentation.name()).needs();

    assertThat(relocated && !needs.isEmpty()).as("%s needs %s", instrumentation, needs).isFalse();
  }
}
