package dev.weft.instrumentation.okhttp;

import net.bytebuddy.asm.Advice;
import okhttp3.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code RealCall.enqueue}: the thread of the dispatcher that the call will run on shall
 * know whom the caller serves.
 */
public final class EnqueueAdvice {
  private EnqueueAdvice() {}

  /** Null leaves the application's. */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  @Advice.AssignReturned.ToArguments(@Advice.AssignReturned.ToArguments.ToArgument(0))
  public static @Nullable Callback enter(@Advice.Argument(0) Callback application) {
    return ServingCallback.of(application);
  }
}
