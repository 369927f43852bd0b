package dev.weft.instrumentation.okhttp;

import java.net.Proxy;
import javax.net.SocketFactory;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.Advice.AssignReturned.ToArguments.ToArgument;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Woven into the constructor {@code Address(uriHost, uriPort, dns, ..., proxy, ...)}: the address
 * that the library makes for an attempt is the endpoint's. The pool is keyed by it, so connections
 * are reused per endpoint and never mixed up; no resolver and no proxy is asked about it.
 */
public final class AddressAdvice {
  private AddressAdvice() {}

  /** The arguments to replace; null: this is no address of an attempt. */
  @Advice.OnMethodEnter(inline = false)
  @Advice.AssignReturned.ToArguments({
    @ToArgument(value = 0, index = 0, typing = Assigner.Typing.DYNAMIC),
    @ToArgument(value = 1, index = 1, typing = Assigner.Typing.DYNAMIC),
    @ToArgument(value = 2, index = 2, typing = Assigner.Typing.DYNAMIC),
    @ToArgument(value = 3, index = 3, typing = Assigner.Typing.DYNAMIC),
    @ToArgument(value = 8, index = 4, typing = Assigner.Typing.DYNAMIC)
  })
  public static Object @Nullable [] enter(@Advice.Argument(3) SocketFactory sockets) {
    Endpoint endpoint = Endpoint.current();
    return endpoint == null
        ? null
        : new Object[] {
          endpoint.host(), endpoint.port(), endpoint, endpoint.sockets(sockets), Proxy.NO_PROXY
        };
  }
}
