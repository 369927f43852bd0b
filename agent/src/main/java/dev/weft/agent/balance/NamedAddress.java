package dev.weft.agent.balance;

import dev.weft.instrumentation.Attempt;
import dev.weft.policy.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint's socket address under its literal, and under the name that the application calls,
 * which is mostly the same from request to request. Thread-safe.
 */
final class NamedAddress {
  private volatile @Nullable InetSocketAddress last;
  private volatile @Nullable InetSocketAddress unnamed;

  /**
   * The address.
   *
   * @param endpoint always the same
   * @param host what its {@link InetSocketAddress#getHostString} will be
   */
  InetSocketAddress of(Endpoint endpoint, String host) {
    InetSocketAddress known = last;
    if (known != null && known.getHostString().equals(host)) {
      return known;
    }
    InetSocketAddress made = make(endpoint, host);
    last = made;
    return made;
  }

  /** The address under its literal; {@code endpoint} is always the same. */
  InetSocketAddress unnamed(Endpoint endpoint) {
    InetSocketAddress known = unnamed;
    if (known == null) {
      known = Attempt.unnamed(make(endpoint, endpoint.address()));
      unnamed = known;
    }
    return known;
  }

  private static InetSocketAddress make(Endpoint endpoint, String host) {
    try {
      byte[] bytes = InetAddress.getByName(endpoint.address()).getAddress(); // a literal: no lookup
      return new InetSocketAddress(InetAddress.getByAddress(host, bytes), endpoint.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("endpoint address is no IP literal: " + endpoint, e);
    }
  }
}
