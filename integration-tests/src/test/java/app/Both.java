package app;

import java.io.IOException;
import java.io.UncheckedIOException;

/** {@link Greeter} and {@link Caller} in one process. */
public final class Both {
  private Both() {}

  /** Prints {@code listening <port>} and {@code ready}, then what the caller prints. */
  public static void main(String[] args) throws IOException {
    Thread server =
        new Thread(
            () -> {
              try {
                Greeter.main(args);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    server.setDaemon(true);
    server.start();
    Caller.main(args);
  }
}
