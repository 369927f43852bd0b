package dev.weft.instrumentation.jdkhttpserver;

import java.nio.channels.ServerSocketChannel;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/** Woven into {@code ServerImpl.stop(int)}, which gives the port free. */
public final class StopAdvice {
  private StopAdvice() {}

  /** Only tells. */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  public static void enter(
      @Advice.FieldValue("schan") @Nullable ServerSocketChannel channel,
      @Advice.FieldValue("started") boolean started) {
    if (started) {
      JdkHttpServerAdapter.stopped(channel);
    }
  }
}
