package dev.weft.server.limit;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many connections there may be at once, in all and from one address. What is refused is closed
 * before its TLS handshake, which is what costs. Thread-safe.
 */
public final class ConnectionLimit {
  private static final int USUAL = 20_000;
  private static final int USUAL_PER_ADDRESS = 10_000;

  private final int most;
  private final int mostPerAddress;
  private final Map<String, Integer> byAddress = new HashMap<>();
  private final LongAdder refused = new LongAdder();
  private int open;

  /** A limit that nobody has used yet. */
  public ConnectionLimit(int most, int mostPerAddress) {
    this.most = most;
    this.mostPerAddress = mostPerAddress;
  }

  /** What docs/protocol.md promises: 2,000 agents behind one address have room to come back. */
  public static ConnectionLimit usual() {
    return new ConnectionLimit(USUAL, USUAL_PER_ADDRESS);
  }

  /** Takes a place, or says that there is none; {@link #close} gives it back. */
  public synchronized boolean open(String address) {
    if (open >= most || byAddress.getOrDefault(address, 0) >= mostPerAddress) {
      refused.increment();
      return false;
    }
    open++;
    byAddress.merge(address, 1, Integer::sum);
    return true;
  }

  /** Gives back what {@link #open(String)} took. */
  public synchronized void close(String address) {
    open--;
    byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  /** Connections now. */
  public synchronized int open() {
    return open;
  }

  /** Connections that found no place. */
  public long refused() {
    return refused.sum();
  }
}
