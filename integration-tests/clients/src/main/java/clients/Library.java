package clients;

import java.io.IOException;

/** An HTTP library, used as its documentation says. Thread-safe. */
public interface Library extends AutoCloseable {
  /**
   * Sends one request and reads the response as ordered. Whatever it throws is the outcome, so
   * wrappers of ours, such as the {@code ExecutionException} of a future, are taken off before.
   */
  Outcome send(Call call) throws Exception;

  /** Closes every client, so that the program can end. */
  @Override
  void close() throws IOException;
}
