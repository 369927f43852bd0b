package dev.weft.instrumentation.okhttp;

import java.net.InetSocketAddress;
import net.bytebuddy.asm.Advice;
import okhttp3.Address;
import org.jspecify.annotations.Nullable;

/**
 * Woven into the constructors {@code Route(address, proxy, socketAddress, ...)}: what is dialled,
 * and named in exceptions, is the attempt's own socket address, with the host that the application
 * wrote.
 */
public final class RouteAdvice {
  private RouteAdvice() {}

  /** The attempt's socket address; null: leave the library's. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments(@Advice.AssignReturned.ToArguments.ToArgument(2))
  public static @Nullable InetSocketAddress enter(@Advice.Argument(0) Address address) {
    return address.dns() instanceof Endpoint endpoint ? endpoint.dial() : null;
  }
}
