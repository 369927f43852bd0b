package dev.weft.policy.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0s, PT0S",
    "500ms, PT0.5S",
    "1h30m, PT1H30M",
    "1h1m1s1ms, PT1H1M1.001S",
    "99999h, PT99999H",
    "10s30m1h, PT1H30M10S",
    "0.5s, PT0.5S",
    "1.25s, PT1.25S",
  })
  void durationsOfGatewayApiAreRead(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(Optional.of(duration));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.5",
        "-1s",
        "+1s",
        "1 s",
        "2 secs",
        "100000s",
        "1d",
        "1us",
        "s",
        "1s ",
        "1S",
        "1.5h",
        "1.5ms",
        "0.1234s",
        "1s1s1s1s1s",
        "PT1S",
        "\u0661s"
      })
  void anythingElseIsNone(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }
}
