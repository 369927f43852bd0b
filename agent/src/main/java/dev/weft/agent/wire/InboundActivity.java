package dev.weft.agent.wire;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which accepted connections are in use, judged from outside by how their counts of bytes change
 * from one look to the next: so the way of the bytes pays nothing for it. Confined to one thread.
 *
 * <p>A connection is in use when bytes have moved since the last look. Where nobody counts
 * requests, it is also for a while after the peer has said something that is not answered, and for
 * a while after its accept, until the peer has said anything: what was said last may be the
 * beginning of a request.
 */
public final class InboundActivity {
  /** Then the application is taken not to answer, as with protocols in which nobody does. */
  static final long UNANSWERED_NANOS = 2_000_000_000L;

  private final Collection<LiveConnection> open;
  private final Predicate<InetSocketAddress> counted;
  private Map<LiveConnection, Seen> seen = new HashMap<>();
  private boolean looked;

  /** Bytes of both directions at a look, and when they last were others. */
  private record Seen(long bytes, long changed) {}

  /**
   * Of these connections.
   *
   * @param open a live view
   * @param counted tells at which addresses of ours requests are counted one by one
   */
  InboundActivity(Collection<LiveConnection> open, Predicate<InetSocketAddress> counted) {
    this.open = open;
    this.counted = counted;
  }

  /** Looks at {@code now}, of {@link System#nanoTime}, and says how many are in use. */
  public int inUse(long now) {
    Map<LiveConnection, Seen> current = new HashMap<>();
    int inUse = 0;
    for (LiveConnection connection : open) {
      Flow flow = connection.flow();
      if (flow.outbound()) {
        continue;
      }
      long bytes = flow.received() + flow.sent();
      Seen before = seen.get(connection);
      boolean moved = before == null ? looked : before.bytes() != bytes;
      long changed = moved || before == null ? now : before.changed();
      current.put(connection, new Seen(bytes, changed));
      boolean mayBeAsked =
          flow.received() == 0
              ? flow.ageNanos() < UNANSWERED_NANOS
              : flow.unanswered()
                  && now - changed < UNANSWERED_NANOS
                  && !counted.test(flow.local());
      inUse += moved || mayBeAsked ? 1 : 0;
    }
    seen = current;
    looked = true;
    return inUse;
  }
}
