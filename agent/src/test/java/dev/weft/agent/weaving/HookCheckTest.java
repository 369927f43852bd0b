package dev.weft.agent.weaving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import dev.weft.members.Recording;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.matcher.ElementMatchers;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hook is woven where the library fits, and nowhere else. */
class HookCheckTest {
  private static final String CLIENT = "lib.Client";
  private static final String NEEDS = "method lib.Client send()V\nmethod lib.Client close()V\n";
  private static final byte[] FITTING = client("send", "close");
  private static final byte[] OLDER = client("send");

  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final Hooks hooks = new Hooks();
  private final HookCheck check = check(NEEDS);

  @Test
  void aLibraryThatHasEverythingFits() {
    assertThat(fits(new Library(FITTING))).isTrue();
    assertThat(hooks.off()).isEmpty();
    assertThat(hooks.isOffSomewhere("sample")).isFalse();
    assertThat(log()).isEmpty();
  }

  @Test
  void aMissingMemberTurnsTheHookOffInThatLoaderAlone() {
    assertThat(fits(new Library(OLDER))).isFalse();
    assertThat(fits(new Library(FITTING))).isTrue();

    assertThat(hooks.off())
        .isEqualTo(Map.of("sample", "client-1.0.jar: no method void lib.Client.close()"));
    assertThat(hooks.isOff("sample")).isFalse();
    assertThat(hooks.isOffSomewhere("sample")).isTrue();
  }

  @Test
  void aWeaveWithoutMethodTurnsTheHookOff() {
    assertThat(
            check("type lib.Client\n")
                .fits(sample("receive"), loading(new Library(FITTING)), FITTING))
        .isFalse();
    assertThat(hooks.off().get("sample"))
        .startsWith("client-1.0.jar: lib.Client has no method ")
        .contains("receive")
        .endsWith(" for SampleAdvice");
  }

  @Test
  void aLoaderIsAskedOnce() {
    Library library = new Library(OLDER);
    fits(library);
    int asked = library.asked.size();

    assertThat(fits(library)).isFalse();

    assertThat(library.asked).hasSize(asked);
  }

  @Test
  void noClassIsLoaded() {
    Library library = new Library(FITTING);

    fits(library);

    assertThat(library.loaded).isEmpty();
  }

  @Test
  void theSameReasonIsSaidOnce() {
    fits(new Library(OLDER));
    fits(new Library(OLDER));

    assertThat(log().lines())
        .singleElement()
        .asString()
        .contains(
            "WARN", "hook off name=sample", "client-1.0.jar", "no method void lib.Client.close()");
  }

  @ParameterizedTest
  @CsvSource({
    "file:/lib/client-1.0.jar, client-1.0.jar",
    "jar:file:/app.jar!/BOOT-INF/lib/client-1.0.jar!/, client-1.0.jar",
    "file:/app/classes/, library at file:/app/classes/"
  })
  void theLibraryIsNamedAsItsJarIs(String location, String named) throws Exception {
    assertThat(loading(new Library(FITTING), location).library()).isEqualTo(named);
  }

  @Test
  void theJdkIsNamedWithItsVersion() throws Exception {
    ClassLoader platform = ClassLoader.getPlatformClassLoader();

    assertThat(loading(platform, "jrt:/java.net.http").library())
        .isEqualTo("JDK " + Runtime.version());
    assertThat(new HookCheck.Loading(null, CLIENT, null).library())
        .isEqualTo("JDK " + Runtime.version());
  }

  @Test
  void everNewReasonsAreNotKept() {
    for (int i = 0; i < 1000; i++) {
      hooks.unfit("sample", "library at folder " + i);
    }

    assertThat(hooks.off().get("sample")).startsWith("library at folder 0 | ").hasSizeLessThan(400);
  }

  @Test
  void manyMissingMembersAreCounted() {
    HookCheck demanding = check("type lib.A\ntype lib.B\ntype lib.C\ntype lib.D\ntype lib.E\n");

    assertThat(demanding.fits(sample("send"), loading(new Library(FITTING)), FITTING)).isFalse();
    assertThat(hooks.off().get("sample"))
        .isEqualTo("client-1.0.jar: no class lib.A; no class lib.B; no class lib.C; and 2 more");
  }

  @Test
  void aLoaderIsNotKept() {
    WeakReference<Library> gone = new WeakReference<>(new Library(OLDER));
    fits(gone.get());

    Awaitility.await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(gone.get()).isNull();
            });
  }

  @Test
  void aHookWithoutRecordingIsNotWoven() {
    HookCheck forgetful =
        new HookCheck(new Recordings(new Library(FITTING)), hooks, new Log(LogLevel.INFO, out()));

    assertThatThrownBy(() -> forgetful.fits(sample("send"), loading(new Library(FITTING)), FITTING))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no recording of members for sample");
  }

  private boolean fits(Library library) {
    return check.fits(sample("send"), loading(library), library.client);
  }

  private HookCheck check(String recorded) {
    ClassLoader adapters =
        new ClassLoader(null) {
          @Override
          public InputStream getResourceAsStream(String name) {
            assertThat(name).isEqualTo(Recording.resource("sample"));
            return new ByteArrayInputStream(recorded.getBytes(StandardCharsets.UTF_8));
          }
        };
    return new HookCheck(new Recordings(adapters), hooks, new Log(LogLevel.INFO, out()));
  }

  private PrintStream out() {
    return new PrintStream(logged, true, StandardCharsets.UTF_8);
  }

  private String log() {
    return logged.toString(StandardCharsets.UTF_8);
  }

  private static HookCheck.Loading loading(ClassLoader library) {
    try {
      return loading(library, "file:/lib/client-1.0.jar");
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HookCheck.Loading loading(ClassLoader library, String location)
      throws MalformedURLException {
    CodeSource source = new CodeSource(new URL(location), (Certificate[]) null);
    return new HookCheck.Loading(library, CLIENT, new ProtectionDomain(source, null));
  }

  private static Instrumentation sample(String woven) {
    return new Instrumentation() {
      @Override
      public String name() {
        return "sample";
      }

      @Override
      public List<TypeWeave> types() {
        return List.of(
            new TypeWeave(
                CLIENT,
                List.of(new Weave(ElementMatchers.named(woven), "dev.weft.sample.SampleAdvice"))),
            // Of another version; this one does not have it.
            new TypeWeave(
                "lib.NewerClient",
                List.of(new Weave(ElementMatchers.any(), "dev.weft.sample.SampleAdvice"))));
      }
    };
  }

  private static byte[] client(String... methods) {
    var type = new ByteBuddy().subclass(Object.class).name(CLIENT);
    for (String method : methods) {
      type =
          type.defineMethod(method, void.class, Visibility.PUBLIC).intercept(StubMethod.INSTANCE);
    }
    return type.make().getBytes();
  }

  /** Has a class file of {@code lib.Client}, and nobody may load it. */
  private static final class Library extends ClassLoader {
    private final byte[] client;
    private final List<String> asked = new ArrayList<>();
    private final List<String> loaded = new ArrayList<>();

    Library(byte[] client) {
      super(null);
      this.client = client;
    }

    @Override
    public InputStream getResourceAsStream(String name) {
      asked.add(name);
      return name.equals("lib/Client.class")
          ? new ByteArrayInputStream(client)
          : super.getResourceAsStream(name);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      loaded.add(name);
      return super.loadClass(name, resolve);
    }
  }
}
