package dev.weft.agent.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The endpoints of the mesh to which this workload could not connect lately, for the config server:
 * what many do not reach is better left alone by all. Bounded; more than that is no news. The way
 * of a connect that succeeds pays one look into a map that is empty as a rule. Thread-safe.
 */
final class ConnectFailures {
  /** As long as a report takes to come around. */
  static final Duration LATELY = Duration.ofSeconds(10);

  static final int MOST = 64;

  private final Map<InetSocketAddress, Long> failed = new ConcurrentHashMap<>();
  private final LongSupplier nanos;
  private volatile Runnable news = () -> {};

  /** {@code nanos} is a monotonic clock. */
  ConnectFailures(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** {@code listener} is told of the first failure of an endpoint; it must not block. */
  void onNews(Runnable listener) {
    news = listener;
  }

  void failed(InetSocketAddress endpoint) {
    InetSocketAddress key = key(endpoint);
    if (failed.size() >= MOST && !failed.containsKey(key)) {
      expire();
      if (failed.size() >= MOST) {
        return;
      }
    }
    if (failed.put(key, nanos.getAsLong()) == null) {
      news.run();
    }
  }

  void connected(InetSocketAddress endpoint) {
    if (!failed.isEmpty()) {
      failed.remove(key(endpoint));
    }
  }

  /** {@code address:port} of those that have failed lately and not succeeded since. */
  List<String> lately() {
    expire();
    List<String> texts = new ArrayList<>();
    failed.keySet().forEach(at -> texts.add(text(at.getAddress()) + ":" + at.getPort()));
    return texts;
  }

  private void expire() {
    long now = nanos.getAsLong();
    failed.values().removeIf(at -> now - at >= LATELY.toNanos());
  }

  /** Without the name that the application called. */
  private static InetSocketAddress key(InetSocketAddress endpoint) {
    return new InetSocketAddress(endpoint.getAddress(), endpoint.getPort());
  }

  private static String text(InetAddress address) {
    return address.getHostAddress();
  }
}
