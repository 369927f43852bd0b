package dev.weft.instrumentation.okhttp;

import net.bytebuddy.asm.Advice;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code Exchange.openResponseBody(response)}: the body of a response of the mesh is
 * watched from the start, which saves a copy of the response.
 */
public final class BodyAdvice {
  private BodyAdvice() {}

  /** The body, watched; null: it stays as it is. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned
  public static @Nullable ResponseBody exit(
      @Advice.Argument(0) Response response, @Advice.Return ResponseBody body) {
    return OnTheWire.current() != null && DeliveredBody.hasEnd(response.code(), body)
        ? DeliveredBody.of(body)
        : null;
  }
}
