package dev.weft.instrumentation.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.testing.Weaver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Runs on OkHttp 4.4, which lacks a member. */
@EnabledIfSystemProperty(named = "weft.okhttp.version", matches = "4\\.4\\..*")
class TooOldTest {
  @Test
  void theMissingMethodIsNoticed() {
    assertThat(
            Weaver.unmatched(
                new OkHttpInstrumentation(), OkHttpInstrumentation.class.getClassLoader()))
        .contains("okhttp3.internal.connection.ExchangeFinder: " + SameHostAdvice.class.getName());
  }
}
