package dev.weft.instrumentation.httpclient5;

import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.HttpHost;

/** Failures as the library words them. */
final class Failures {
  private Failures() {}

  /** Whether the wire layer refused a connection: no byte of the application has left. */
  static boolean handshake(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof MeshHandshakeException) {
        return true;
      }
    }
    return false;
  }

  /** What the application gets when a limit of policy has run out. */
  static IOException timeout(ClientExchange exchange, Throwable cause) {
    SocketTimeoutException timeout = new SocketTimeoutException(exchange.timeoutMessage());
    timeout.initCause(cause);
    return timeout;
  }

  /** An endpoint did not answer the dial in time. */
  static IOException connectTimeout(HttpHost target, Attempt attempt) {
    return new ConnectTimeoutException(
        "Connect to "
            + target.toURI()
            + " ["
            + attempt.address()
            + "] failed: no answer within "
            + attempt.connectTimeout().toMillis()
            + " ms",
        target);
  }

  /** An endpoint did not answer the request in time. */
  static IOException attemptTimeout() {
    return new SocketTimeoutException("Read timed out");
  }
}
