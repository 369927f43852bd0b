package dev.weft.instrumentation.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.testing.Weaver;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** The members that the adapter needs, in each version that it claims. */
@DisabledIfSystemProperty(named = "weft.okhttp.version", matches = "4\\.4\\..*")
class HookTest {
  @Test
  void runsOnTheVersionThatTheBuildNames() {
    assertThat(
            okhttp3.OkHttpClient.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath())
        .endsWith("-" + System.getProperty("weft.okhttp.version") + ".jar");
  }

  @Test
  void everyWovenMethodExists() {
    boolean four = System.getProperty("weft.okhttp.version").startsWith("4.");

    assertThat(
            Weaver.unmatched(
                new OkHttpInstrumentation(), OkHttpInstrumentation.class.getClassLoader()))
        .isEqualTo(
            four
                ? List.of(
                    "okhttp3.internal.connection.RealRoutePlanner: "
                        + SameHostAdvice.class.getName())
                : List.of());
  }

  @Test
  void everyRecordedMemberExists() {
    assertThat(
            Weaver.missing(
                new OkHttpInstrumentation(), OkHttpInstrumentation.class.getClassLoader()))
        .isEmpty();
  }
}
