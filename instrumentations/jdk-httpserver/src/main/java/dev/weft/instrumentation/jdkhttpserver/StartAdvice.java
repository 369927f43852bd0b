package dev.weft.instrumentation.jdkhttpserver;

import java.nio.channels.ServerSocketChannel;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/** Woven into {@code ServerImpl.start()}, before the first connection is accepted. */
public final class StartAdvice {
  private StartAdvice() {}

  /** Only tells; a second start, which the server refuses, must not count twice. */
  @Advice.OnMethodEnter(inline = false, suppress = Throwable.class)
  public static void enter(
      @Advice.FieldValue("schan") @Nullable ServerSocketChannel channel,
      @Advice.FieldValue("started") boolean started) {
    if (!started) {
      JdkHttpServerAdapter.started(channel);
    }
  }
}
