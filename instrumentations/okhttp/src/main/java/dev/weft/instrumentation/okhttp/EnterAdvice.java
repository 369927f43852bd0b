package dev.weft.instrumentation.okhttp;

import net.bytebuddy.asm.Advice;
import okhttp3.Interceptor;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code RealCall.enterNetworkInterceptorExchange(request, newRoutePlanner, chain)},
 * which the library calls before each hop, to plan where to look for a connection. That waits until
 * the mesh has seen the hop's request, which may be sent elsewhere: else two plans would be made
 * for each request, the first for nothing. Not with OkHttp 4, which hands no chain over and counts
 * on the plan also when a hop fails before it is used.
 */
public final class EnterAdvice {
  private EnterAdvice() {}

  /** Whether a plan is to be made now; null: as the library says. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@Advice.AssignReturned.ToArguments.ToArgument(1))
  public static @Nullable Boolean enter(
      @Advice.Argument(1) boolean planned,
      @Advice.Argument(value = 2, optional = true) Interceptor.@Nullable Chain chain) {
    boolean later = planned && chain != null && MeshInterceptor.plansLater(chain);
    return later ? false : null;
  }
}
