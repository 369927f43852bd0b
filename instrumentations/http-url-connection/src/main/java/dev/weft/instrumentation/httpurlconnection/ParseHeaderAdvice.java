package dev.weft.instrumentation.httpurlconnection;

import java.net.URL;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.Advice.AssignReturned.ToFields.ToField;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpClient.parseHTTPHeader}, which hands cookies to the application's {@code
 * CookieHandler} under the connection's URL. That URL names the endpoint, because the keep-alive
 * cache is keyed by it; while headers are parsed it is the application's.
 */
public final class ParseHeaderAdvice {
  private ParseHeaderAdvice() {}

  /** Returns the URL for the time of parsing, then the one to put back; null: leave it. */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  @Advice.AssignReturned.ToFields(
      @ToField(value = "url", index = 0, typing = Assigner.Typing.DYNAMIC))
  public static URL @Nullable [] enter(
      @Advice.FieldValue("url") URL endpoint, @Advice.AllArguments Object[] arguments) {
    return HttpUrlConnectionAdapter.applicationUrl(endpoint, arguments);
  }

  /** Puts the endpoint's URL back. */
  @Advice.OnMethodExit(inline = false, onThrowable = Throwable.class, suppress = Throwable.class)
  @Advice.AssignReturned.ToFields(@ToField("url"))
  public static @Nullable URL exit(@Advice.Enter URL @Nullable [] urls) {
    return urls == null ? null : urls[1];
  }
}
