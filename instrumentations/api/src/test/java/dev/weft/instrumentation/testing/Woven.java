package dev.weft.instrumentation.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.Instrumentation;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Weaves an instrumentation for the stories of a class, as a static {@code @RegisterExtension}; the
 * class fails when something could not be woven.
 */
public final class Woven implements BeforeAllCallback, AfterAllCallback {
  private final Instrumentation instrumentation;
  private @Nullable Weaver weaver;

  private Woven(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /** From before the first story until after the last. */
  public static Woven by(Instrumentation instrumentation) {
    return new Woven(instrumentation);
  }

  @Override
  public void beforeAll(ExtensionContext stories) throws Exception {
    weaver = Weaver.weave(instrumentation);
  }

  @Override
  public void afterAll(ExtensionContext stories) throws Exception {
    try (Weaver woven = Objects.requireNonNull(weaver)) {
      assertThat(woven.failures()).isEmpty();
    }
  }
}
