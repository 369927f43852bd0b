package dev.weft.it.contract;

import clients.Outcome;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;

/** What stories are told with. */
interface Stories {
  /** The run's. */
  World world();

  default Upstream service(String name) {
    return world().service(name);
  }

  /** Sends a request and does not wait. */
  default Sent start(Request request) throws IOException {
    return world().send(request);
  }

  /** Sends a request and waits for what becomes of it. */
  default Outcome send(Request request) throws IOException, InterruptedException {
    return start(request).outcome();
  }

  default Outcome get(String uri) throws IOException, InterruptedException {
    return send(Request.get(uri));
  }

  /** Waits until the assertion no longer fails. */
  static void eventually(Assertion assertion) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(assertion::check);
  }

  /** Something that may fail as calls do. */
  interface Assertion {
    void check() throws Exception;
  }
}
