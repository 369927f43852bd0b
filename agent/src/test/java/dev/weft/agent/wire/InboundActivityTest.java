package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Peer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InboundActivityTest {
  private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 8080);
  private static final InetSocketAddress REMOTE = new InetSocketAddress("127.0.0.1", 40_000);

  private final List<LiveConnection> open = new ArrayList<>();
  private long now = System.nanoTime();

  private InboundActivity activity(boolean counted) {
    return new InboundActivity(open, local -> counted);
  }

  private Flow connection() {
    Flow flow = Flow.inbound(LOCAL, REMOTE);
    open.add(new Open(flow));
    return flow;
  }

  private long later(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
    return now;
  }

  @Test
  void aConnectionOnWhichBytesMoveIsInUse() {
    Flow flow = connection();
    flow.countReceived(10);
    flow.countSent(10);
    InboundActivity activity = activity(false);

    assertThat(activity.inUse(later(10))).isZero();
    flow.countSent(1);
    assertThat(activity.inUse(later(10))).isEqualTo(1);
    assertThat(activity.inUse(later(10))).isZero();
  }

  @Test
  void anUnansweredPeerIsWaitedForAWhileWhereNobodyCountsRequests() {
    Flow flow = connection();
    flow.countReceived(10);
    InboundActivity activity = activity(false);

    assertThat(activity.inUse(later(0))).isEqualTo(1);
    assertThat(activity.inUse(later(1_900))).isEqualTo(1);
    assertThat(activity.inUse(later(200))).as("it does not answer").isZero();
    flow.countReceived(1);
    assertThat(activity.inUse(later(10))).isEqualTo(1);
    flow.countSent(1);
    activity.inUse(later(10));
    assertThat(activity.inUse(later(10))).as("answered").isZero();
  }

  @Test
  void whereRequestsAreCountedOnlyMovementSaysMore() {
    connection().countReceived(10);
    InboundActivity activity = activity(true);

    assertThat(activity.inUse(later(10))).isZero();
    connection().countReceived(10);
    assertThat(activity.inUse(later(10))).as("a new one").isEqualTo(1);
    assertThat(activity.inUse(later(10))).isZero();
  }

  @Test
  void whoHasJustConnectedMayBeAboutToSpeak() {
    connection();

    assertThat(activity(true).inUse(later(10))).isEqualTo(1);
  }

  @Test
  void whatThisWorkloadCallsItselfIsNoneOfIt() {
    Flow flow = Flow.outbound(REMOTE);
    open.add(new Open(flow));
    flow.countReceived(1);

    assertThat(activity(false).inUse(later(10))).isZero();
  }

  private record Open(Flow flow) implements LiveConnection {
    @Override
    public Peer peer() {
      return Peer.PLAINTEXT;
    }

    @Override
    public String stage() {
      return "established";
    }

    @Override
    public Map<String, Object> encryption() {
      return Map.of();
    }

    @Override
    public long provenUntil() {
      return Long.MAX_VALUE;
    }

    @Override
    public void reevaluate() {}

    @Override
    public void abort(Throwable fault) {}
  }
}
