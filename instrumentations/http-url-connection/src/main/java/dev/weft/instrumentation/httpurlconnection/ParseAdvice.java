package dev.weft.instrumentation.httpurlconnection;

import java.io.IOException;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClient.parseHTTP}, which waits for the response's headers (and by itself
 * repeats the request once on the same endpoint): when that failed for good, an idempotent request
 * goes to another endpoint.
 */
public final class ParseAdvice {
  private ParseAdvice() {}

  /** Runs the body itself, so that it can run again; null lets the body run as it is. */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class)
  public static @Nullable Object enter(
      @Advice.This Object client, @Advice.AllArguments Object[] arguments) throws IOException {
    return HttpUrlConnectionAdapter.parse(client, arguments);
  }

  /** Hands out what the body returned when it ran inside {@link #enter}. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned(typing = Assigner.Typing.DYNAMIC)
  public static @Nullable Object exit(@Advice.Enter @Nullable Object parsed) {
    return parsed;
  }
}
