package app.chaos;

import java.util.function.Function;

/** An HTTP server, used as its documentation says. */
interface Server {
  /** Threads that serve requests, all of them from the start, so that leaks show. */
  int THREADS = 24;

  /**
   * Listens on the loopback address.
   *
   * @param port 0: any
   * @param idleSeconds after which it closes a connection that nobody uses
   * @return the port
   */
  int start(int port, int idleSeconds, Function<Received, Reply> application) throws Exception;
}
