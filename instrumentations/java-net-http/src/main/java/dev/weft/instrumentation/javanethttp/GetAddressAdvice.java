package dev.weft.instrumentation.javanethttp;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code HttpRequestImpl.getAddress()}. Skips the body, so that the service's name is
 * not resolved only to be ignored.
 */
public final class GetAddressAdvice {
  private GetAddressAdvice() {}

  /** Not suppressed: falling back to the name's own address would bypass the decision. */
  @Advice.OnMethodEnter(inline = false, skipOn = Advice.OnNonDefaultValue.class)
  public static @Nullable InetSocketAddress enter(
      @Advice.This Object request,
      @Advice.FieldValue("uri") @Nullable URI uri,
      @Advice.FieldValue("proxy") @Nullable Proxy proxy) {
    return proxy instanceof Destination ours ? ours.addressFor(request, uri) : null;
  }

  /** Hands the endpoint's address out in place of the skipped body's. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned
  public static @Nullable InetSocketAddress exit(@Advice.Enter @Nullable InetSocketAddress ours) {
    return ours;
  }
}
