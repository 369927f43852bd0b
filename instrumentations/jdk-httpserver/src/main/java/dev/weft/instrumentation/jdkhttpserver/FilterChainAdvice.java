package dev.weft.instrumentation.jdkhttpserver;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.ListIterator;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code Filter.Chain.doFilter}, which is called once per filter; the call that brings a
 * request into the application is told from the others by {@link JdkHttpServerAdapter#enters}.
 */
public final class FilterChainAdvice {
  private FilterChainAdvice() {}

  /**
   * May refuse, so nothing is suppressed.
   *
   * @return null: not the entrance; else the handling, and as first element a non-null value when
   *     the request was answered here
   */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class, skipOnIndex = 0)
  public static Object @Nullable [] enter(
      @Advice.FieldValue("iter") ListIterator<Filter> filters,
      @Advice.FieldValue("handler") HttpHandler handler,
      @Advice.Argument(0) @Nullable HttpExchange exchange)
      throws IOException {
    if (exchange == null || !JdkHttpServerAdapter.enters(filters, handler)) {
      return null;
    }
    return JdkHttpServerAdapter.begin(exchange);
  }

  /** Only observes. */
  @Advice.OnMethodExit(inline = false, onThrowable = Throwable.class, suppress = Throwable.class)
  public static void exit(
      @Advice.Enter Object @Nullable [] handling, @Advice.Thrown @Nullable Throwable thrown) {
    if (handling != null && handling[1] instanceof Handling begun) {
      begun.returned(thrown);
    }
  }
}
