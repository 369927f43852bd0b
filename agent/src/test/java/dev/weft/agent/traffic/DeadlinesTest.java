package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.ServerExchange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlinesTest {
  private static final long NOW = -5;

  private static Deadline said(String header, String value) {
    return Deadlines.of(name -> name.equals(header) ? List.of(value) : List.of(), NOW);
  }

  @ParameterizedTest
  @CsvSource({
    "x-envoy-expected-rq-timeout-ms, 1500, 1500",
    "grpc-timeout, 2S, 2000",
    "grpc-timeout, 100m, 100",
    "grpc-timeout, 3000000n, 3",
    "grpc-timeout, 1H, 3600000"
  })
  void readsHowLongTheCallerWaits(String header, String value, long millis) {
    assertThat(said(header, value).left(NOW)).contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({
    "x-envoy-expected-rq-timeout-ms, 0",
    "x-envoy-expected-rq-timeout-ms, -1",
    "x-envoy-expected-rq-timeout-ms, soon",
    "x-envoy-expected-rq-timeout-ms, 999999999999999999999",
    "grpc-timeout, 5",
    "grpc-timeout, S",
    "grpc-timeout, 5x"
  })
  void takesNonsenseForNothing(String header, String value) {
    assertThat(said(header, value).set()).isFalse();
  }

  @Test
  void isTheThreadsAsLongAsItServesTheRequest() {
    boolean[] closed = new boolean[1];
    Deadline deadline = said("grpc-timeout", "2S");
    try (ServerExchange.Scope scope = Deadlines.attach(deadline, () -> closed[0] = true)) {
      assertThat(Deadlines.current()).isEqualTo(deadline);
    }
    assertThat(closed[0]).isTrue();
    assertThat(Deadlines.current()).isEqualTo(Deadline.NONE);
  }

  @Test
  void tellsThePeerEachTimeAsItIs() {
    assertThat(Deadlines.header(Duration.ofMillis(1500)).value()).isEqualTo("1500");
    assertThat(Deadlines.header(Duration.ofMillis(1500)).value()).isEqualTo("1500");
    assertThat(Deadlines.header(Duration.ofNanos(1_499_999_999)).value()).isEqualTo("1499");
    assertThat(Deadlines.header(Duration.ofNanos(3)).value()).isEqualTo("1");
  }

  @Test
  void whatIsLeftIsNeverNegative() {
    Deadline deadline = Deadline.in(Optional.of(Duration.ofSeconds(2)), NOW);

    assertThat(deadline.left(NOW)).contains(Duration.ofSeconds(2));
    assertThat(deadline.left(NOW + 500_000_000)).contains(Duration.ofMillis(1500));
    assertThat(deadline.left(NOW + 3_000_000_000L)).contains(Duration.ZERO);
    assertThat(Deadline.in(Optional.of(Duration.ZERO), NOW).left(NOW)).isEmpty();
  }
}
