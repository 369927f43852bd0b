package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.instrumentation.ClientExchange.Progress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RetriesTest {
  static Stream<Arguments> decisions() {
    IOException reset = new SocketException("Connection reset");
    return Stream.of(
        // what failed, how far it got, method, body, may it go again
        Arguments.of(new ConnectException("refused"), Progress.UNSENT, "POST", true, true),
        Arguments.of(new MeshHandshakeException("no"), Progress.UNSENT, "POST", true, true),
        Arguments.of(new HttpConnectTimeoutException("slow"), Progress.UNSENT, "PUT", true, true),
        Arguments.of(new SocketTimeoutException("connect"), Progress.UNSENT, "GET", false, true),
        Arguments.of(reset, Progress.SENT, "GET", false, true),
        Arguments.of(new EOFException("no bytes"), Progress.SENT, "HEAD", false, true),
        Arguments.of(reset, Progress.SENT, "OPTIONS", false, true),
        Arguments.of(reset, Progress.SENT, "GET", true, false),
        Arguments.of(reset, Progress.SENT, "POST", true, false),
        Arguments.of(reset, Progress.SENT, "DELETE", false, false),
        Arguments.of(new ConnectException("refused"), Progress.SENT, "POST", true, false),
        Arguments.of(new HttpTimeoutException("late"), Progress.SENT, "GET", false, false),
        Arguments.of(new SocketTimeoutException("late"), Progress.SENT, "GET", false, false),
        Arguments.of(new InterruptedIOException(), Progress.SENT, "GET", false, false),
        Arguments.of(new ProtocolException("bad"), Progress.SENT, "GET", false, false),
        Arguments.of(new CancellationException(), Progress.UNSENT, "GET", false, false),
        Arguments.of(new IllegalArgumentException(), Progress.UNSENT, "GET", false, false));
  }

  @ParameterizedTest
  @MethodSource("decisions")
  void repeatsOnlyWhatIsProvablyHarmless(
      Throwable failure, Progress progress, String method, boolean body, boolean expected) {
    assertThat(Retries.allowed(failure, progress, method, body)).isEqualTo(expected);
  }

  @Test
  void pausesWithFullJitterUpToTheCap() {
    Random dice = new Random(3);
    for (int i = 0; i < 200; i++) {
      assertThat(Retries.pause(1, dice)).isBetween(Duration.ZERO, Duration.ofMillis(25));
      assertThat(Retries.pause(2, dice)).isBetween(Duration.ZERO, Duration.ofMillis(50));
      assertThat(Retries.pause(9, dice)).isBetween(Duration.ZERO, Duration.ofMillis(250));
    }
  }
}
