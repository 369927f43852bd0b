package dev.weft.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import org.junit.jupiter.api.Test;

/** What is there is found, whatever its visibility; what is not is an error, or null. */
class HiddenMembersTest {
  private static final String BOX = "dev.weft.instrumentation.HiddenMembersTest$Box";

  private final HiddenMembers members = HiddenMembers.of(MethodHandles.lookup());

  /** A library's class that hides everything. */
  private static final class Box {
    private static final String KIND = "box";

    private final int sealed;
    private String content = "";

    private Box(int sealed) {
      this.sealed = sealed;
    }

    private static Box empty() {
      return new Box(0);
    }

    private String describe(String prefix) {
      return prefix + content + sealed;
    }
  }

  @Test
  void membersOfEachKindAreFound() throws Throwable {
    Object box = members.constructor(BOX, "(I)V").invoke(7);
    members.setter(BOX, "content", "Ljava/lang/String;").invoke(box, "full");

    assertThat(members.type(BOX)).isEqualTo(Box.class);
    assertThat(members.getter(BOX, "content", "Ljava/lang/String;").invoke(box)).isEqualTo("full");
    assertThat(members.staticGetter(BOX, "KIND", "Ljava/lang/String;").invoke()).isEqualTo("box");
    assertThat(
            members
                .method(BOX, "describe", "(Ljava/lang/String;)Ljava/lang/String;")
                .invoke(box, "a "))
        .isEqualTo("a full7");
    assertThat(
            members
                .staticMethod(BOX, "empty", "()Ldev/weft/instrumentation/HiddenMembersTest$Box;")
                .invoke())
        .isInstanceOf(Box.class);
    assertThat(members.optionalType(BOX)).isEqualTo(Box.class);
    assertThat(members.optionalGetter(BOX, "sealed", "I")).isNotNull();
    assertThat(members.optionalConstructor(BOX, "(I)V")).isNotNull();
  }

  @Test
  void whatIsPublicNeedsNoOpenPackage() throws Throwable {
    assertThat(members.method("java.net.URI", "getHost", "()Ljava/lang/String;")).isNotNull();
  }

  @Test
  void whatIsMissingIsAnErrorThatNamesIt() {
    assertThatThrownBy(() -> members.method(BOX, "gone", "()V"))
        .isInstanceOf(LinkageError.class)
        .hasMessageContaining("gone");
    assertThatThrownBy(() -> members.type("lib.Gone"))
        .isInstanceOf(LinkageError.class)
        .hasMessageContaining("lib.Gone");
    assertThatThrownBy(() -> members.getter(BOX, "content", "Llib/Gone;"))
        .isInstanceOf(LinkageError.class)
        .hasMessageContaining("lib.Gone");
    assertThatThrownBy(() -> members.setter(BOX, "sealed", "I"))
        .isInstanceOf(LinkageError.class)
        .hasMessageContaining("final");
  }

  @Test
  void whatIsOptionalAndMissingIsNull() {
    assertThat(members.optionalType("lib.Gone")).isNull();
    assertThat(members.optionalMethod(BOX, "gone", "()V")).isNull();
    assertThat(members.optionalMethod("lib.Gone", "gone", "()V")).isNull();
    assertThat(members.optionalMethod(BOX, "describe", "(Llib/Gone;)V")).isNull();
    assertThat(members.optionalGetter(BOX, "content", "I")).isNull();
    assertThat(members.optionalSetter(BOX, "sealed", "I")).isNull();
    assertThat(members.optionalConstructor(BOX, "()V")).isNull();
  }
}
