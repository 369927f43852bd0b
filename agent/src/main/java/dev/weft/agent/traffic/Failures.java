package dev.weft.agent.traffic;

import dev.weft.agent.balance.Outcome;
import dev.weft.instrumentation.ClientExchange.Progress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import org.jspecify.annotations.Nullable;

/** Tells failures apart for telemetry and balancing. */
final class Failures {
  private static final int SERVER_ERROR = 500;

  private Failures() {}

  /** Whether no connection was established. */
  static boolean connecting(Throwable failure) {
    return failure instanceof ConnectException
        || failure instanceof HttpConnectTimeoutException
        || failure instanceof NoRouteToHostException;
  }

  /** Whether a limit of time ran out, whoever set it. */
  static boolean timingOut(Throwable failure) {
    return failure instanceof SocketTimeoutException
        || (failure instanceof HttpTimeoutException
            && !(failure instanceof HttpConnectTimeoutException));
  }

  /**
   * What a failed attempt says of its endpoint.
   *
   * @param late whether a limit of policy has run out
   */
  static Outcome outcome(Throwable failure, Progress progress, boolean late) {
    if (late || timingOut(failure)) {
      return Outcome.Failure.TIMEOUT;
    }
    if (!(failure instanceof IOException) || progress == Progress.REFUSED) {
      return Outcome.Failure.GIVEN_UP; // by the application; or the peer merely has no room
    }
    return progress == Progress.UNSENT || connecting(failure)
        ? Outcome.Failure.CONNECT
        : Outcome.Failure.RESET;
  }

  /**
   * Envoy's response flags of a request that the mesh did not answer itself.
   *
   * @param failure null: it was answered, or given up
   * @param status 0: it was not answered
   * @param late whether a limit of policy has run out
   * @param exhausted whether it was repeated as often as it may be
   */
  static String flags(@Nullable Throwable failure, int status, boolean late, boolean exhausted) {
    if (failure == null) {
      return status == 0 ? "DC" : exhausted && status >= SERVER_ERROR ? "URX" : "-";
    }
    if (late) {
      return "UT";
    }
    if (!(failure instanceof IOException)) {
      return "DC";
    }
    String flag = connecting(failure) ? "UF" : "UC";
    return exhausted ? flag + ",URX" : flag;
  }
}
