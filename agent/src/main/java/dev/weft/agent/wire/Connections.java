package dev.weft.agent.wire;

import dev.weft.policy.Peer;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that are open now. Thread-safe. */
final class Connections implements InboundPeers {
  private final Set<LiveConnection> open = ConcurrentHashMap.newKeySet();

  /** Accepted ones by both their ends: one alone is not unique. */
  private final Map<Ends, LiveConnection> accepted = new ConcurrentHashMap<>();

  private record Ends(InetSocketAddress local, InetSocketAddress remote) {}

  void add(LiveConnection connection) {
    open.add(connection);
    Flow flow = connection.flow();
    if (!flow.outbound()) {
      accepted.put(new Ends(flow.local(), flow.remote()), connection);
    }
  }

  /** True the first time. */
  boolean remove(LiveConnection connection) {
    Flow flow = connection.flow();
    if (!flow.outbound()) {
      accepted.remove(new Ends(flow.local(), flow.remote()), connection);
    }
    return open.remove(connection);
  }

  /** A live view. */
  Collection<LiveConnection> all() {
    return Collections.unmodifiableSet(open);
  }

  @Override
  public Peer peer(InetSocketAddress remote, InetSocketAddress local) {
    LiveConnection connection = accepted.get(new Ends(local, remote));
    return connection == null ? Peer.PLAINTEXT : connection.peer();
  }
}
