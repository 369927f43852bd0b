package dev.weft.instrumentation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Send it there. Immutable; two attempts of one request are never the same object.
 *
 * @param address where to dial; resolved, and its host name is the one the application wrote
 * @param unnamed the same with its literal, without scope, as the host name, for libraries that
 *     tell connections apart by the name
 * @param requestHeaders edits of policy, then the trace context; applied in order to the request
 *     that goes over the wire, never to the application's own object
 * @param target what the request asks for in place of what the application wrote; empty: the same
 * @param pause before this attempt: of a fault made on purpose, or the backoff of a retry; mostly
 *     zero for the first
 * @param timeout bounds this attempt after the pause; empty: none
 * @param connectTimeout upper bound for establishing a connection
 */
public record Attempt(
    InetSocketAddress address,
    InetSocketAddress unnamed,
    List<HeaderChange> requestHeaders,
    Optional<Target> target,
    Duration pause,
    Optional<Duration> timeout,
    Duration connectTimeout)
    implements Step {

  /** An attempt whose address is not known without its name yet. */
  public Attempt(
      InetSocketAddress address,
      List<HeaderChange> requestHeaders,
      Optional<Target> target,
      Duration pause,
      Optional<Duration> timeout,
      Duration connectTimeout) {
    this(address, unnamed(address), requestHeaders, target, pause, timeout, connectTimeout);
  }

  /** An attempt that asks for what the application wrote. */
  public Attempt(
      InetSocketAddress address,
      List<HeaderChange> requestHeaders,
      Duration pause,
      Optional<Duration> timeout,
      Duration connectTimeout) {
    this(address, requestHeaders, Optional.empty(), pause, timeout, connectTimeout);
  }

  /** A resolved address with its literal in place of the host name. */
  public static InetSocketAddress unnamed(InetSocketAddress address) {
    try {
      byte[] bytes = address.getAddress().getAddress();
      String literal = InetAddress.getByAddress(bytes).getHostAddress(); // without a scope
      return new InetSocketAddress(InetAddress.getByAddress(literal, bytes), address.getPort());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e); // only for an illegal length, which an address has not
    }
  }
}
