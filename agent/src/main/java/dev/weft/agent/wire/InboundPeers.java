package dev.weft.agent.wire;

import dev.weft.policy.Peer;
import java.net.InetSocketAddress;

/** Who is at the other end of an accepted connection. Thread-safe. */
public interface InboundPeers {
  /**
   * The proven peer of the connection from {@code remote} that was accepted at {@code local};
   * {@link Peer#PLAINTEXT} when the connection has no mesh TLS or is not known.
   */
  Peer peer(InetSocketAddress remote, InetSocketAddress local);
}
