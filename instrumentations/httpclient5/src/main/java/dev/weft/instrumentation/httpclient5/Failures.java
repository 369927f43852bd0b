package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.core5.http.HttpHost;

/** Failures as the library words them. */
final class Failures {
  private Failures() {}

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

  /**
   * A dial that failed. Version 5.0 leaves the failure as it is where it is given an address, and
   * words it where it resolves a name.
   */
  static Exception dial(HttpHost target, Exception failure) {
    if (failure instanceof HttpHostConnectException || failure instanceof ConnectTimeoutException) {
      return failure;
    }
    String message = "Connect to " + target.toURI() + " failed: " + failure.getMessage();
    IOException worded;
    if (failure instanceof ConnectException) {
      worded = new HttpHostConnectException(message, target);
    } else if (failure instanceof SocketTimeoutException) {
      worded = new ConnectTimeoutException(message, target);
    } else {
      return failure;
    }
    worded.initCause(failure);
    return worded;
  }

  /** An endpoint did not answer the request in time. */
  static IOException attemptTimeout() {
    return new SocketTimeoutException("Read timed out");
  }
}
