package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HandshakesTest {
  private static final long MIB = 1 << 20;

  private static int capacity(Handshakes handshakes) {
    int begun = 0;
    while (handshakes.begin() == null) {
      begun++;
    }
    return begun;
  }

  @Test
  void theNewestIsRefusedUntilOneIsOver() {
    Handshakes two = Handshakes.atMost(2);
    assertThat(two.begin()).isNull();
    assertThat(two.begin()).isNull();

    assertThat(two.begin()).contains("2 handshakes are not finished");
    two.over();
    assertThat(two.begin()).isNull();
    assertThat(two.begin()).isNotNull();
  }

  @Test
  void theBoundFitsIntoTheMemory() {
    assertThat(capacity(Handshakes.within(16 * MIB))).as("even a tiny JVM").isEqualTo(128);
    assertThat(capacity(Handshakes.within(512 * MIB))).isEqualTo(1024);
    assertThat(capacity(Handshakes.within(64 * 1024 * MIB))).isEqualTo(4096);
  }
}
