package dev.weft.instrumentation.reactornetty;

import io.netty.channel.ChannelOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Options of a client with the connect timeout of an attempt in them. Immutable.
 *
 * @param configured as the application has them; the library replaces that map, and never changes
 *     it
 */
record ConnectOptions(
    Map<ChannelOption<?>, ?> configured, int connectMillis, Map<ChannelOption<?>, ?> options) {
  private static final int DEFAULT_CONNECT_MILLIS = 30_000;

  /** Most requests are of the same client and policy as the last one: only that is kept. */
  private static volatile @Nullable ConnectOptions last;

  /** The smaller connect timeout wins; one value for one endpoint keeps to one pool. */
  static Map<ChannelOption<?>, ?> of(Map<ChannelOption<?>, ?> configured, long connectMillis) {
    Object own = configured.get(ChannelOption.CONNECT_TIMEOUT_MILLIS);
    int millis = own instanceof Integer set && set > 0 ? set : DEFAULT_CONNECT_MILLIS;
    int smaller = (int) Math.min(millis, Math.max(1, connectMillis));
    ConnectOptions known = last;
    if (known == null || known.configured != configured || known.connectMillis != smaller) {
      known = new ConnectOptions(configured, smaller, with(configured, smaller));
      last = known;
    }
    return known.options;
  }

  private static Map<ChannelOption<?>, ?> with(Map<ChannelOption<?>, ?> configured, int millis) {
    Map<ChannelOption<?>, Object> options = new HashMap<>(configured);
    options.put(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis);
    return Collections.unmodifiableMap(options);
  }
}
