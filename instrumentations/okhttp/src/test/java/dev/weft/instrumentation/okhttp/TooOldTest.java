package dev.weft.instrumentation.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.instrumentation.testing.Weaver;
import org.junit.jupiter.api.Test;

/** Runs on OkHttp 4.4, which lacks a member. */
class TooOldTest {
  @Test
  void theMissingMethodIsNoticed() {
    assertThat(
            Weaver.unmatched(
                new OkHttpInstrumentation(), OkHttpInstrumentation.class.getClassLoader()))
        .contains("okhttp3.internal.connection.ExchangeFinder: " + SameHostAdvice.class.getName());
  }

  /** The agent then links every woven call to nothing: the library works as without us. */
  @Test
  void theProbeFails() {
    String probe = new OkHttpInstrumentation().probes().get(0);

    assertThatThrownBy(() -> Class.forName(probe))
        .isInstanceOf(ExceptionInInitializerError.class)
        .hasCauseInstanceOf(NoSuchMethodException.class)
        .hasStackTraceContaining("sameHostAndPort");
  }
}
