package dev.weft.agent.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Headers;
import dev.weft.instrumentation.OutboundRequest.Body;
import dev.weft.policy.RouteActions.Retry;
import dev.weft.policy.RouteActions.RetryOn;
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
import java.util.List;
import java.util.Optional;
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
        Arguments.of(
            new ConnectException("refused"), Progress.UNSENT, "POST", Body.REPLAYABLE, true),
        Arguments.of(
            new MeshHandshakeException("no"), Progress.UNSENT, "POST", Body.REPLAYABLE, true),
        Arguments.of(
            new HttpConnectTimeoutException("slow"), Progress.UNSENT, "PUT", Body.ONCE, true),
        Arguments.of(
            new SocketTimeoutException("connect"), Progress.UNSENT, "GET", Body.NONE, true),
        Arguments.of(reset, Progress.SENT, "GET", Body.NONE, true),
        Arguments.of(new EOFException("no bytes"), Progress.SENT, "HEAD", Body.NONE, true),
        Arguments.of(reset, Progress.SENT, "OPTIONS", Body.NONE, true),
        Arguments.of(reset, Progress.SENT, "GET", Body.REPLAYABLE, false),
        Arguments.of(reset, Progress.SENT, "POST", Body.REPLAYABLE, false),
        Arguments.of(reset, Progress.SENT, "DELETE", Body.NONE, false),
        Arguments.of(
            new ConnectException("refused"), Progress.SENT, "POST", Body.REPLAYABLE, false),
        Arguments.of(new HttpTimeoutException("late"), Progress.SENT, "GET", Body.NONE, false),
        Arguments.of(new SocketTimeoutException("late"), Progress.SENT, "GET", Body.NONE, false),
        Arguments.of(new InterruptedIOException(), Progress.SENT, "GET", Body.NONE, false),
        Arguments.of(new ProtocolException("bad"), Progress.SENT, "GET", Body.NONE, false),
        Arguments.of(new CancellationException(), Progress.UNSENT, "GET", Body.NONE, false),
        Arguments.of(new IllegalArgumentException(), Progress.UNSENT, "GET", Body.NONE, false));
  }

  @ParameterizedTest
  @MethodSource("decisions")
  void repeatsOnlyWhatIsProvablyHarmless(
      Throwable failure, Progress progress, String method, Body body, boolean expected) {
    assertThat(Retries.DEFAULT.afterFailure(failure, progress, false, method, body))
        .isEqualTo(expected);
  }

  private static Retries rule(List<Integer> codes, RetryOn... conditions) {
    return Retries.of(
        Optional.of(
            new Retry(
                Optional.of(3), codes, List.of(conditions), Optional.empty(), Optional.empty())));
  }

  static Stream<Arguments> answers() {
    return Stream.of(
        // rule, status, grpc-status, body, does it go again
        Arguments.of(Retries.DEFAULT, 503, "", Body.NONE, false),
        Arguments.of(rule(List.of(503)), 503, "", Body.NONE, true),
        Arguments.of(rule(List.of(503)), 503, "", Body.REPLAYABLE, true),
        Arguments.of(rule(List.of(503)), 503, "", Body.ONCE, false),
        Arguments.of(rule(List.of(503)), 500, "", Body.NONE, false),
        Arguments.of(rule(List.of(), RetryOn.SERVER_ERROR), 500, "", Body.NONE, true),
        Arguments.of(rule(List.of(), RetryOn.SERVER_ERROR), 499, "", Body.NONE, false),
        Arguments.of(rule(List.of(), RetryOn.GATEWAY_ERROR), 502, "", Body.NONE, true),
        Arguments.of(rule(List.of(), RetryOn.GATEWAY_ERROR), 500, "", Body.NONE, false),
        Arguments.of(rule(List.of(), RetryOn.RETRIABLE_4XX), 409, "", Body.NONE, true),
        Arguments.of(rule(List.of(), RetryOn.RETRIABLE_4XX), 404, "", Body.NONE, false),
        Arguments.of(rule(List.of(), RetryOn.GRPC_UNAVAILABLE), 200, "14", Body.NONE, true),
        Arguments.of(rule(List.of(), RetryOn.GRPC_UNAVAILABLE), 200, "14", Body.ONCE, false),
        Arguments.of(rule(List.of(), RetryOn.GRPC_UNAVAILABLE), 200, "13", Body.NONE, false),
        Arguments.of(rule(List.of(), RetryOn.GRPC_UNAVAILABLE), 200, "", Body.NONE, false));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void repeatsOnlyTheAnswersThatTheRuleNames(
      Retries rule, int status, String grpc, Body body, boolean expected) {
    Headers headers =
        name -> name.equals("grpc-status") && !grpc.isEmpty() ? List.of(grpc) : List.of();
    assertThat(rule.afterAnswer(status, headers, body)).isEqualTo(expected);
  }

  static Stream<Arguments> deaths() {
    Retries reset = rule(List.of(), RetryOn.RESET);
    return Stream.of(
        // rule, method, body, may a request go again whose connection died before an answer
        Arguments.of(reset, "DELETE", Body.NONE, true),
        Arguments.of(reset, "PUT", Body.REPLAYABLE, true),
        Arguments.of(reset, "PUT", Body.ONCE, false),
        Arguments.of(reset, "POST", Body.REPLAYABLE, false),
        Arguments.of(rule(List.of(), RetryOn.SERVER_ERROR), "PUT", Body.REPLAYABLE, true),
        Arguments.of(rule(List.of(503)), "PUT", Body.REPLAYABLE, false));
  }

  @ParameterizedTest
  @MethodSource("deaths")
  void noRuleMakesAnUnsafeMethodGoAgainThatMayHaveArrived(
      Retries rule, String method, Body body, boolean expected) {
    SocketException died = new SocketException("Connection reset");
    assertThat(rule.afterFailure(died, Progress.SENT, false, method, body)).isEqualTo(expected);
  }

  @Test
  void anAttemptThatTookTooLongIsAGatewayTimeout() {
    HttpTimeoutException late = new HttpTimeoutException("late");
    assertThat(rule(List.of(504)).afterFailure(late, Progress.SENT, true, "GET", Body.NONE))
        .isTrue();
    IllegalStateException own = new IllegalStateException("a type of the library's own");
    assertThat(rule(List.of(504)).afterFailure(own, Progress.SENT, true, "GET", Body.NONE))
        .isTrue();
    assertThat(rule(List.of(504)).afterFailure(late, Progress.SENT, false, "GET", Body.NONE))
        .as("the application's own limit")
        .isFalse();
    assertThat(rule(List.of(503)).afterFailure(late, Progress.SENT, true, "GET", Body.NONE))
        .isFalse();
  }

  @Test
  void pausesWithFullJitterUpToTheCap() {
    Random dice = new Random(3);
    for (int i = 0; i < 200; i++) {
      assertThat(Retries.DEFAULT.pause(1, dice)).isBetween(Duration.ZERO, Duration.ofMillis(25));
      assertThat(Retries.DEFAULT.pause(2, dice)).isBetween(Duration.ZERO, Duration.ofMillis(50));
      assertThat(Retries.DEFAULT.pause(9, dice)).isBetween(Duration.ZERO, Duration.ofMillis(250));
    }
  }

  @Test
  void neverPausesLessThanTheRuleWants() {
    Retries rule = new Retries(2, List.of(), List.of(), Optional.of(Duration.ofMillis(100)));
    Random dice = new Random(3);
    for (int i = 0; i < 200; i++) {
      assertThat(rule.pause(1, dice)).isEqualTo(Duration.ofMillis(100));
      assertThat(rule.pause(2, dice)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
      assertThat(rule.pause(99, dice)).isBetween(Duration.ofMillis(100), Duration.ofSeconds(1));
    }
  }
}
