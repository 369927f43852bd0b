package dev.weft.instrumentation.reactornetty;

import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClientHandler.test(Throwable)}, the library's own decision to send again
 * after a redirect or a reset: an attempt surfaces both, so that each is judged in one place.
 */
public final class RepeatAdvice {
  private RepeatAdvice() {}

  /** True skips the body, which then returns false. */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class)
  public static boolean enter(@Advice.FieldValue("handler") @Nullable Object handler) {
    return handler instanceof Sending;
  }
}
