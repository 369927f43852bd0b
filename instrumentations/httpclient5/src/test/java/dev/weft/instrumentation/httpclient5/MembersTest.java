package dev.weft.instrumentation.httpclient5;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.testing.OtherVersion;
import dev.weft.instrumentation.testing.Weaver;
import net.bytebuddy.asm.MemberRemoval;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.matcher.ElementMatchers;
import org.apache.hc.core5.util.VersionInfo;
import org.junit.jupiter.api.Test;

/** A library that lacks a member, or asks for one more, switches off the hook that needs it. */
class MembersTest {
  private static final Instrumentation CLASSIC = new HttpClient5Instrumentation();
  private static final Instrumentation ASYNCHRONOUS = new HttpAsyncClient5Instrumentation();

  private final ClassLoader library = getClass().getClassLoader();

  @Test
  void runsOnTheVersionThatItClaims() {
    VersionInfo running = VersionInfo.loadVersionInfo("org.apache.hc.client5", library);

    assertThat(running.getRelease()).isEqualTo(System.getProperty("weft.httpclient5.version"));
  }

  @Test
  void nothingIsMissing() {
    assertThat(Weaver.missing(CLASSIC, library)).isEmpty();
    assertThat(Weaver.missing(ASYNCHRONOUS, library)).isEmpty();
  }

  @Test
  void aMethodThatOnlyAnotherVersionAsksForIsMissed() {
    ClassLoader later =
        OtherVersion.of(
            library,
            "org.apache.hc.client5.http.classic.ExecRuntime",
            type -> type.defineMethod("later", void.class, Visibility.PUBLIC).withoutCode());

    assertThat(Weaver.missing(CLASSIC, later))
        .containsExactly(
            "org.apache.hc.client5.http.classic.ExecRuntime asks for another method: void"
                + " org.apache.hc.client5.http.classic.ExecRuntime.later()");
    assertThat(Weaver.missing(ASYNCHRONOUS, later)).isEmpty();
  }

  @Test
  void aConstructorThatIsGoneIsMissed() {
    ClassLoader later =
        OtherVersion.of(
            library,
            "org.apache.hc.client5.http.classic.ExecChain$Scope",
            type -> type.visit(new MemberRemoval().stripConstructors(ElementMatchers.any())));

    assertThat(Weaver.missing(CLASSIC, later))
        .singleElement()
        .asString()
        .startsWith("no method org.apache.hc.client5.http.classic.ExecChain$Scope(");
    assertThat(Weaver.missing(ASYNCHRONOUS, later)).isEmpty();
  }
}
