package dev.weft.agent.traffic;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;

/** Tells failures apart for telemetry and balancing. */
final class Failures {
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
}
