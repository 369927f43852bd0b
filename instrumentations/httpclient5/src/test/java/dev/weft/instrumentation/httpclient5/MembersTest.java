package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.instrumentation.Instrumentation;
import java.util.List;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.util.VersionInfo;
import org.junit.jupiter.api.Test;

/** A library that lacks a member, or has one more, switches off the hook that needs it. */
class MembersTest {
  @Test
  void runsOnTheVersionThatItClaims() {
    VersionInfo running =
        VersionInfo.loadVersionInfo("org.apache.hc.client5", getClass().getClassLoader());

    assertThat(running.getRelease()).isEqualTo(System.getProperty("weft.httpclient5.version"));
  }

  @Test
  void everyMethodThatTheLibraryCallsIsThere() {
    assertThatCode(() -> Members.implemented(ExecRuntime.class, MeshRuntime.class))
        .doesNotThrowAnyException();
  }

  @Test
  void aMethodThatOnlyAnotherVersionHasIsMissed() {
    assertThatThrownBy(() -> Members.implemented(Later.class, MeshRuntime.class))
        .isInstanceOf(NoSuchMethodException.class)
        .hasMessageContaining("later");
  }

  @Test
  void aConstructorThatIsGoneIsMissed() {
    assertThatCode(() -> Members.constructor(HttpHost.class, String.class))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Members.constructor(HttpHost.class, Later.class))
        .isInstanceOf(NoSuchMethodException.class);
  }

  @Test
  void eachInstrumentationHasItsProbe() {
    for (Instrumentation each :
        List.of(new HttpClient5Instrumentation(), new HttpAsyncClient5Instrumentation())) {
      assertThat(each.probes())
          .singleElement()
          .satisfies(probe -> assertThat(Class.forName(probe)).isNotNull());
    }
  }

  /** What a later version may look like. */
  interface Later extends ExecRuntime {
    void later();
  }
}
