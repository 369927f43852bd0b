package dev.weft.members;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.testing.OtherVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.bytebuddy.asm.MemberRemoval;
import net.bytebuddy.asm.ModifierAdjustment;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.modifier.FieldManifestation;
import net.bytebuddy.description.modifier.MethodManifestation;
import net.bytebuddy.description.modifier.Ownership;
import net.bytebuddy.description.modifier.TypeManifestation;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.Test;

/** Every change of a library that would break an adapter is named; the library as it was fits. */
class MembersCheckTest {
  private static final String ENDPOINT = Endpoint.class.getName();
  private static final String FILTER = Filter.class.getName();
  private static final String OURS = "dev.weft.instrumentation.sample.MeshFilter";
  private static final String GET_PORT = "method " + ENDPOINT + " port()I";

  private final ClassLoader library = getClass().getClassLoader();

  /** A library's class. */
  public static class Endpoint extends IOException implements AutoCloseable, Comparable<Endpoint> {
    private static final long serialVersionUID = 1L;

    /** Where all begins. */
    public static final int FIRST = 1;

    /** Of the endpoint. */
    public String host = "";

    private int port;

    /** Its port. */
    public int port() {
      return port;
    }

    /** Reads one. */
    public static Endpoint parse(String text) {
      Endpoint endpoint = new Endpoint();
      endpoint.port = Integer.parseInt(text);
      return endpoint;
    }

    @Override
    public int compareTo(Endpoint other) {
      return Integer.compare(port, other.port);
    }

    @Override
    public void close() {}
  }

  /** A library's interface, which an adapter implements. */
  public interface Filter extends Naming {
    /** Lets an endpoint through. */
    boolean accepts(Endpoint endpoint);

    /** Has an implementation. */
    default String describe() {
      return name();
    }
  }

  /** What {@link Filter} inherits. */
  public interface Naming {
    /** Its name. */
    String name();
  }

  /** What an adapter may implement by a lambda. */
  @FunctionalInterface
  public interface Listener {
    /** Something changed. */
    void changed(String what);
  }

  @Test
  void allThatIsThereIsFound() {
    assertThat(
            missing(
                library,
                "type " + ENDPOINT,
                GET_PORT,
                "method " + ENDPOINT + " <init>()V",
                "static-method " + ENDPOINT + " parse(Ljava/lang/String;)L" + path(ENDPOINT) + ";",
                "field " + ENDPOINT + " host:Ljava/lang/String;",
                "static-field " + ENDPOINT + " FIRST:I",
                "hidden-field " + ENDPOINT + " port:I",
                "hidden-setter " + ENDPOINT + " port:I",
                "interface-method " + FILTER + " accepts(L" + path(ENDPOINT) + ";)Z",
                "subtype " + ENDPOINT + " java.lang.AutoCloseable",
                "overrides " + ENDPOINT + " close()V",
                "lambda " + Listener.class.getName() + " changed(Ljava/lang/String;)V"))
        .isEmpty();
  }

  @Test
  void inheritedMembersAreFoundInTheLibraryAndInTheJdk() {
    assertThat(
            missing(
                library,
                "interface-method " + FILTER + " name()Ljava/lang/String;",
                "interface-method " + FILTER + " hashCode()I",
                "method " + ENDPOINT + " getMessage()Ljava/lang/String;",
                "method " + ENDPOINT + " addSuppressed(Ljava/lang/Throwable;)V",
                "subtype " + ENDPOINT + " java.lang.Throwable",
                "subtype " + ENDPOINT + " java.io.Serializable"))
        .isEmpty();
  }

  @Test
  void aMissingMethodIsNamed() {
    assertThat(missing(without("port"), GET_PORT))
        .containsExactly("no method int " + ENDPOINT + ".port()");
  }

  @Test
  void anotherResultIsAnotherMethod() {
    assertThat(missing(library, "method " + ENDPOINT + " port()J"))
        .containsExactly("no method long " + ENDPOINT + ".port()");
    assertThat(missing(library, GET_PORT)).isEmpty();
  }

  @Test
  void aMissingClassIsNamedOnce() {
    assertThat(
            missing(
                library, "method lib.Gone a()V", "method lib.Gone b()V", "type lib.Gone", GET_PORT))
        .containsExactly("no class lib.Gone");
  }

  @Test
  void aMethodThatBecameStaticIsNamed() {
    ClassLoader other =
        adjusted(new ModifierAdjustment().withMethodModifiers(named("port"), Ownership.STATIC));

    assertThat(missing(other, GET_PORT))
        .containsExactly("method int " + ENDPOINT + ".port() is static now");
  }

  @Test
  void aMethodThatIsNotPublicAnyMoreIsNamed() {
    ClassLoader other =
        adjusted(new ModifierAdjustment().withMethodModifiers(named("port"), Visibility.PRIVATE));

    assertThat(missing(other, GET_PORT))
        .containsExactly("method int " + ENDPOINT + ".port() is not public any more");
    assertThat(missing(other, "hidden-" + GET_PORT)).isEmpty();
  }

  @Test
  void aConstructorIsNotInherited() {
    assertThat(missing(library, "method " + ENDPOINT + " <init>(Ljava/lang/String;)V"))
        .containsExactly("no method " + ENDPOINT + "(java.lang.String)");
  }

  @Test
  void anInterfaceThatIsNotImplementedAnyMoreIsNamed() {
    assertThat(missing(library, "subtype " + ENDPOINT + " " + FILTER))
        .containsExactly(ENDPOINT + " is no " + FILTER + " any more");
    assertThat(missing(library, "subtype " + FILTER + " " + Naming.class.getName())).isEmpty();
  }

  @Test
  void aClassThatBecameAnInterfaceIsNamed() {
    assertThat(missing(library, "method " + FILTER + " name()Ljava/lang/String;"))
        .containsExactly(FILTER + " is an interface now");
    assertThat(missing(library, "interface-" + GET_PORT))
        .containsExactly(ENDPOINT + " is no interface any more");
  }

  @Test
  void aFieldThatCannotBeSetAnyMoreIsNamed() {
    ClassLoader other =
        adjusted(
            new ModifierAdjustment()
                .withFieldModifiers(ElementMatchers.named("port"), FieldManifestation.FINAL));

    assertThat(missing(other, "hidden-setter " + ENDPOINT + " port:I"))
        .containsExactly("field int " + ENDPOINT + ".port is final now");
    assertThat(missing(other, "hidden-field " + ENDPOINT + " port:I")).isEmpty();
  }

  @Test
  void aMethodThatCannotBeOverriddenAnyMoreIsNamed() {
    ClassLoader other =
        adjusted(
            new ModifierAdjustment().withMethodModifiers(named("port"), MethodManifestation.FINAL));

    assertThat(missing(other, "overrides " + ENDPOINT + " port()I"))
        .containsExactly("method int " + ENDPOINT + ".port() cannot be overridden any more");
    assertThat(missing(without("port"), "overrides " + ENDPOINT + " port()I"))
        .containsExactly("no method int " + ENDPOINT + ".port() to override");
  }

  @Test
  void aClassThatIsFinalCannotBeExtended() {
    ClassLoader other =
        adjusted(new ModifierAdjustment().withTypeModifiers(TypeManifestation.FINAL));

    assertThat(missing(other, "extends " + OURS + " " + ENDPOINT))
        .containsExactly(ENDPOINT + " is final now");
    assertThat(missing(library, "extends " + OURS + " " + ENDPOINT)).isEmpty();
  }

  @Test
  void aMethodThatTheAdapterDoesNotImplementIsNamed() {
    String[] adapter = {
      "extends " + OURS + " " + FILTER,
      "provides " + OURS + " accepts(L" + path(ENDPOINT) + ";)Z",
      "provides " + OURS + " name()Ljava/lang/String;"
    };
    ClassLoader later =
        changed(
            FILTER,
            type -> type.defineMethod("later", void.class, Visibility.PUBLIC).withoutCode());

    assertThat(missing(library, adapter)).isEmpty();
    assertThat(missing(later, adapter))
        .containsExactly(FILTER + " asks for another method: void " + FILTER + ".later()");
  }

  @Test
  void aLambdaCannotBeAnInterfaceWithAnotherMethod() {
    String listener = Listener.class.getName();
    ClassLoader later =
        changed(
            listener,
            type -> type.defineMethod("later", void.class, Visibility.PUBLIC).withoutCode());

    assertThat(missing(later, "lambda " + listener + " changed(Ljava/lang/String;)V"))
        .containsExactly(listener + " asks for another method: void " + listener + ".later()");
  }

  @Test
  void whatIsOptionalIsNoMismatch() {
    Recording recording =
        Recording.parse("sample", "optional type lib.Gone\noptional " + GET_PORT + "\n");

    assertThat(MembersCheck.missing(recording, classes(library))).isEmpty();
    assertThat(MembersCheck.missingOptional(recording, classes(library)))
        .containsExactly("no class lib.Gone");
  }

  @Test
  void eachClassFileIsReadOnce() {
    List<String> read = new ArrayList<>();
    LibraryClasses classes =
        new LibraryClasses(
            name -> {
              read.add(name);
              return bytes(library, name);
            });

    MembersCheck.missing(
        Recording.parse("sample", GET_PORT + "\nsubtype " + ENDPOINT + " java.io.Serializable\n"),
        classes);

    assertThat(read).contains(ENDPOINT).doesNotHaveDuplicates().hasSize(classes.filesRead());
  }

  @Test
  void aRecordingIsReadAsItWasWritten() {
    Recording recording =
        Recording.of(
            "sample",
            List.of(
                Need.of(Need.Kind.TYPE, ENDPOINT, ""),
                Need.of(Need.Kind.METHOD, ENDPOINT, "port()I"),
                Need.of(Need.Kind.METHOD, ENDPOINT, "port()I").asOptional(),
                Need.of(Need.Kind.START, OURS, ""),
                Need.of(Need.Kind.TYPE, FILTER, "").asOptional()));

    assertThat(Recording.parse("sample", recording.text())).isEqualTo(recording);
    assertThat(recording.starts()).containsExactly(OURS);
    assertThat(recording.text().lines().skip(1))
        .containsExactly(GET_PORT, "optional type " + FILTER, "start " + OURS, "type " + ENDPOINT);
  }

  private ClassLoader without(String method) {
    return changed(
        ENDPOINT,
        type -> type.visit(new MemberRemoval().stripMethods(ElementMatchers.named(method))));
  }

  private ClassLoader adjusted(ModifierAdjustment adjustment) {
    return changed(ENDPOINT, type -> type.visit(adjustment));
  }

  private ClassLoader changed(String type, UnaryOperator<DynamicType.Builder<?>> change) {
    return OtherVersion.of(library, type, change);
  }

  private static ElementMatcher<MethodDescription> named(String method) {
    return ElementMatchers.named(method);
  }

  private static List<String> missing(ClassLoader library, String... lines) {
    return MembersCheck.missing(
        Recording.parse("sample", String.join("\n", lines)), classes(library));
  }

  private static LibraryClasses classes(ClassLoader library) {
    return new LibraryClasses(name -> bytes(library, name));
  }

  private static byte[] bytes(ClassLoader library, String name) {
    try (InputStream in = library.getResourceAsStream(path(name) + ".class")) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String path(String name) {
    return name.replace('.', '/');
  }
}
