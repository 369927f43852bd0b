package dev.weft.instrumentation.httpurlconnection;

import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpURLConnection.getInputStream0} and {@code getOutputStream0}: ends requests
 * that failed elsewhere than in connecting and parsing.
 */
public final class FailureAdvice {
  private FailureAdvice() {}

  /** Only observes. */
  @Advice.OnMethodExit(inline = false, onThrowable = Throwable.class, suppress = Throwable.class)
  public static void exit(
      @Advice.This Object connection, @Advice.Thrown @Nullable Throwable thrown) {
    if (thrown != null) {
      HttpUrlConnectionAdapter.end(connection, thrown);
    }
  }
}
