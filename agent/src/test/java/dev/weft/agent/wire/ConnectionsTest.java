package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.Peer;
import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  private static final InetSocketAddress CLIENT = new InetSocketAddress("10.0.0.9", 40_000);
  private static final InetSocketAddress ONE = new InetSocketAddress("10.0.0.1", 8080);
  private static final InetSocketAddress TWO = new InetSocketAddress("10.0.0.2", 8080);
  private static final Peer SHOP = new Peer(Optional.of(SpiffeId.parse(Policies.SHOP_ID)));

  private final Connections connections = new Connections();

  private record Fake(Flow flow, Peer peer) implements LiveConnection {
    @Override
    public String stage() {
      return "fake";
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
    public void abort(Throwable cause) {
      throw new UnsupportedOperationException(cause);
    }

    @Override
    public void reevaluate() {
      throw new UnsupportedOperationException();
    }
  }

  /**
   * One client port may have two connections, to two addresses of ours; only one has proven who.
   */
  @Test
  void aPeerIsFoundByBothEndsOfItsConnection() {
    connections.add(new Fake(Flow.inbound(ONE, CLIENT), SHOP));
    connections.add(new Fake(Flow.inbound(TWO, CLIENT), Peer.PLAINTEXT));

    assertThat(connections.peer(CLIENT, ONE)).isEqualTo(SHOP);
    assertThat(connections.peer(CLIENT, TWO)).isEqualTo(Peer.PLAINTEXT);
  }

  @Test
  void whatIsClosedIsForgottenButNotWhatHasTakenItsPlace() {
    Fake first = new Fake(Flow.inbound(ONE, CLIENT), Peer.PLAINTEXT);
    Fake second = new Fake(Flow.inbound(ONE, CLIENT), SHOP);
    connections.add(first);
    connections.add(second); // the kernel lets the same ends meet again before we hear of the close

    assertThat(connections.remove(first)).isTrue();
    assertThat(connections.remove(first)).isFalse();
    assertThat(connections.peer(CLIENT, ONE)).isEqualTo(SHOP);
    connections.remove(second);
    assertThat(connections.peer(CLIENT, ONE)).isEqualTo(Peer.PLAINTEXT);
    assertThat(connections.all()).isEmpty();
  }

  @Test
  void connectionsThatWeHaveMadeAreNobodysPeers() {
    connections.add(new Fake(Flow.outbound(CLIENT), SHOP));

    assertThat(connections.all()).hasSize(1);
    assertThat(connections.peer(CLIENT, new InetSocketAddress(0))).isEqualTo(Peer.PLAINTEXT);
  }
}
