package dev.weft.instrumentation.okhttp;

import net.bytebuddy.asm.Advice;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code Exchange.writeRequestHeaders(request)}: what goes over the wire is the mesh's
 * edited copy of the request, while the response goes on to name the application's.
 */
public final class WriteAdvice {
  private WriteAdvice() {}

  /** The copy; null: it goes as it is. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@Advice.AssignReturned.ToArguments.ToArgument(0))
  public static @Nullable Request enter() {
    return OnTheWire.current();
  }
}
