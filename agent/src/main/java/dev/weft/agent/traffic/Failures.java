package dev.weft.agent.traffic;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.http.HttpConnectTimeoutException;

/** Tells failures apart for telemetry. */
final class Failures {
  private Failures() {}

  /** Whether no connection was established. */
  static boolean connecting(Throwable failure) {
    return failure instanceof ConnectException
        || failure instanceof HttpConnectTimeoutException
        || failure instanceof NoRouteToHostException;
  }
}
