package dev.weft.agent.health;

import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The local ends of the probes that are under way. What is accepted from there comes from this
 * agent, and no policy for peers is meant: STRICT would refuse it, and so would rules that name who
 * may call. Nobody else can have such an address: the kernel gives it to one socket at a time, and
 * it is here only while that one is ours. Thread-safe.
 */
public final class OwnProbes {
  private final Set<InetSocketAddress> ends = ConcurrentHashMap.newKeySet();

  /** Whether a connection from there is a probe of this agent's. */
  public boolean from(InetSocketAddress remote) {
    return !ends.isEmpty() && ends.contains(remote);
  }

  /** Before the socket connects. */
  void begin(InetSocketAddress end) {
    ends.add(end);
  }

  /** Before the socket is closed. */
  void end(InetSocketAddress end) {
    ends.remove(end);
  }
}
