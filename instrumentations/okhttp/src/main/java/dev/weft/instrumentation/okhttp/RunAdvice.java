package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.ServerExchange;
import net.bytebuddy.asm.Advice;
import okhttp3.Callback;
import org.jspecify.annotations.Nullable;

/** Woven into {@code RealCall.AsyncCall.run}, on a thread of the dispatcher. */
public final class RunAdvice {
  private RunAdvice() {}

  /**
   * The call, and what its callback does, belong to the request that was being served.
   *
   * @return the scope; the library's class loader does not know its type
   */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  public static @Nullable Object enter(@Advice.FieldValue("responseCallback") Callback callback) {
    return ServingCallback.attach(callback);
  }

  /** The thread will run other calls. */
  @Advice.OnMethodExit(inline = false, onThrowable = Throwable.class, suppress = Throwable.class)
  public static void exit(@Advice.Enter @Nullable Object entered) {
    if (entered instanceof ServerExchange.Scope scope) {
      scope.close();
    }
  }
}
