package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Attempt;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where one attempt is dialled, carried inside the client's own request.
 *
 * <p>Why a {@code Proxy}: woven classes get no new fields, and {@code HttpRequestImpl.proxy} is the
 * one field which the client copies into follow-up requests (redirects, authentication) and ignores
 * unless its type is HTTP. So the type is SOCKS, the client sees "no proxy", and no registry of
 * requests is needed. Thread-safe.
 */
final class Destination extends Proxy {
  private final InetSocketAddress address;
  private final String host;
  private final int port;
  private final Duration connectTimeout;
  private volatile @Nullable Object first;
  private volatile boolean followedUp;

  private Destination(InetSocketAddress address, URI uri, Duration connectTimeout) {
    super(Proxy.Type.SOCKS, address);
    this.address = address;
    this.host = uri.getHost();
    this.port = uri.getPort();
    this.connectTimeout = connectTimeout;
  }

  /**
   * The destination of an attempt's request for the authority of {@code uri}. Without the host
   * name, because the h2c pool is keyed by host name and port and must tell endpoints on one port
   * apart.
   */
  static Destination of(Attempt attempt, URI uri) {
    return new Destination(attempt.unnamed(), uri, attempt.connectTimeout());
  }

  /**
   * The address for a request that carries this destination; null when the client followed a
   * redirect to another authority.
   */
  @Nullable InetSocketAddress addressFor(Object request, @Nullable URI uri) {
    if (first == null) {
      first = request;
    } else if (first != request) {
      followedUp = true;
    }
    boolean same = uri != null && uri.getPort() == port && host.equalsIgnoreCase(uri.getHost());
    return same ? address : null;
  }

  /** Whether a follow-up request was made: then an answer to the first one had arrived. */
  boolean followedUp() {
    return followedUp;
  }

  Duration connectTimeout() {
    return connectTimeout;
  }
}
