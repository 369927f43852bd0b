package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.policy.ConnectionLimit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final int PORT = 8080;
  private static final int OTHER = 9090;
  private static final long MILLI = 1_000_000;

  private final AtomicLong clock = new AtomicLong(-5);
  private final Admission admission = new Admission(clock::get);

  private static ConnectionLimit atMost(int connections, Integer... ports) {
    return new ConnectionLimit(
        "RateLimitPolicy default/few",
        List.of(ports),
        Optional.of(connections),
        Optional.empty(),
        Optional.empty());
  }

  private static ConnectionLimit perSecond(int handshakes, Optional<Integer> burst) {
    return new ConnectionLimit(
        "RateLimitPolicy default/slow",
        List.of(PORT),
        Optional.empty(),
        Optional.of(handshakes),
        burst);
  }

  @Test
  void withoutLimitsEverythingIsAdmitted() {
    for (int i = 0; i < 1000; i++) {
      assertThat(admission.admit(List.of(), PORT)).isNull();
    }
  }

  @Test
  void theNewestIsRefusedAndAClosedOneMakesRoom() {
    List<ConnectionLimit> two = List.of(atMost(2, PORT));
    assertThat(admission.admit(two, PORT)).isNull();
    assertThat(admission.admit(two, PORT)).isNull();

    assertThat(admission.admit(two, PORT)).contains("RateLimitPolicy default/few").contains("2");
    assertThat(admission.admit(two, PORT)).as("a refused one does not count").isNotNull();

    admission.closed(PORT);
    assertThat(admission.admit(two, PORT)).isNull();
    assertThat(admission.admit(two, PORT)).isNotNull();
  }

  @Test
  void portsOfOneLimitShareItAndOthersDoNot() {
    List<ConnectionLimit> shared = List.of(atMost(1, PORT, OTHER));
    assertThat(admission.admit(shared, PORT)).isNull();

    assertThat(admission.admit(shared, OTHER)).isNotNull();
    assertThat(admission.admit(shared, 7070)).isNull();
  }

  @Test
  void aNewLimitCountsTheConnectionsThatAreOpenAlready() {
    admission.admit(List.of(), PORT);
    admission.admit(List.of(), PORT);

    assertThat(admission.admit(List.of(atMost(2, PORT)), PORT)).isNotNull();
    assertThat(admission.admit(List.of(atMost(3, PORT)), PORT)).isNull();
  }

  @Test
  void handshakesComeAtTheRateInTheLongRun() {
    List<ConnectionLimit> ten = List.of(perSecond(10, Optional.of(1)));
    int admitted = 0;
    for (int i = 0; i < 2_000; i++) { // two seconds, one per millisecond
      clock.addAndGet(MILLI);
      admitted += admission.admit(ten, PORT) == null ? 1 : 0;
    }

    assertThat(admitted).isBetween(20, 21);
  }

  @Test
  void aBurstMayComeAtOnceAfterAPause() {
    List<ConnectionLimit> ten = List.of(perSecond(10, Optional.of(5)));
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 5; i++) {
        assertThat(admission.admit(ten, PORT)).isNull();
      }
      assertThat(admission.admit(ten, PORT)).contains("10 new connections per second");
      clock.addAndGet(10_000 * MILLI);
    }
  }

  @Test
  void theBurstIsTheRateWhenNobodySaysOtherwise() {
    List<ConnectionLimit> three = List.of(perSecond(3, Optional.empty()));
    for (int i = 0; i < 3; i++) {
      assertThat(admission.admit(three, PORT)).isNull();
    }

    assertThat(admission.admit(three, PORT)).isNotNull();
  }
}
