package dev.weft.instrumentation.okhttp;

import java.util.List;
import net.bytebuddy.asm.Advice;
import okhttp3.Interceptor;
import org.jspecify.annotations.Nullable;

/**
 * Woven into the constructor of {@code RealInterceptorChain}: the first chain of a call gets the
 * mesh's interceptors, which its copies then share.
 */
public final class ChainAdvice {
  private ChainAdvice() {}

  /** Suppresses nothing: a call that goes round the mesh must not look like one of it. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@Advice.AssignReturned.ToArguments.ToArgument(1))
  public static @Nullable List<Interceptor> enter(
      @Advice.Argument(1) List<Interceptor> interceptors, @Advice.Argument(2) int index) {
    return index == 0 ? MeshInterceptor.insert(interceptors) : null;
  }
}
