package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.ClientExchange.Progress;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Reads the client's failures. Stateless. */
final class Failures {
  private Failures() {}

  /**
   * Whether the attempt provably sent nothing. A connect failure after the client itself followed a
   * redirect or a challenge proves nothing: the first request was answered.
   */
  static Progress progress(Throwable failure, Destination destination) {
    boolean connect =
        failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException;
    return connect && !destination.followedUp() ? Progress.UNSENT : Progress.SENT;
  }

  static Throwable unwrapped(@Nullable Throwable failure) {
    if (failure instanceof CompletionException && failure.getCause() != null) {
      return failure.getCause();
    }
    return failure == null ? new IllegalStateException("neither response nor failure") : failure;
  }
}
