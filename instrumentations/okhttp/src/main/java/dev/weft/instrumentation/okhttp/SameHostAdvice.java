package dev.weft.instrumentation.okhttp;

import net.bytebuddy.asm.Advice;
import okhttp3.Address;
import okhttp3.HttpUrl;

/**
 * Woven into {@code sameHostAndPort(url)} of what finds connections: the library demands of network
 * interceptors that they keep to the connection's host and port. Of a connection to an endpoint
 * those are the ones that the application wrote.
 */
public final class SameHostAdvice {
  private SameHostAdvice() {}

  /** Whether the URL is the application's; false leaves the library's own answer. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned
  public static boolean exit(
      @Advice.FieldValue("address") Address address, @Advice.Argument(0) HttpUrl url) {
    return address.dns() instanceof Endpoint endpoint && endpoint.serves(url);
  }
}
