package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class FlowTest {
  private final Flow flow = Flow.outbound(new InetSocketAddress("10.0.0.8", 8080));

  @Test
  void onlyBytesAreCountedNotTheCodesOfReadsAndWrites() {
    flow.countReceived(3);
    flow.countReceived(-1);
    flow.countReceived(Transport.UNAVAILABLE);
    flow.countSent(5);
    flow.countSent(-2);

    assertThat(flow.received()).isEqualTo(3);
    assertThat(flow.sent()).isEqualTo(5);
  }

  @Test
  void theFirstReasonCounts() {
    assertThat(flow.flags()).isEqualTo("-");

    flow.failed("UF", "the handshake failed");
    flow.failed("UAEX", "and so on");

    assertThat(flow.flags()).isEqualTo("UF");
    assertThat(flow.reason()).isEqualTo("the handshake failed");
  }

  @Test
  void itIsReleasedOnce() {
    assertThat(flow.release()).isTrue();
    assertThat(flow.release()).isFalse();
  }
}
