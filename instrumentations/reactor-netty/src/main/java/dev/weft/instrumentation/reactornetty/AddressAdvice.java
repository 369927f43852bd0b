package dev.weft.instrumentation.reactornetty;

import java.net.SocketAddress;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/** Woven into {@code HttpClientHandler.get()}: where a connection is looked for, and dialled. */
public final class AddressAdvice {
  private AddressAdvice() {}

  /** The endpoint of an attempt; null: not one of ours. */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class)
  public static @Nullable SocketAddress enter(
      @Advice.FieldValue("handler") @Nullable Object handler) {
    return handler instanceof Sending sending ? sending.address() : null;
  }

  /** Hands the endpoint out in place of the skipped body's address. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned
  public static @Nullable SocketAddress exit(@Advice.Enter @Nullable SocketAddress endpoint) {
    return endpoint;
  }
}
