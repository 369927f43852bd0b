package dev.weft.agent.balance;

import dev.weft.agent.log.Log;
import dev.weft.policy.Endpoint;
import java.time.Duration;

/** One line per endpoint that is left out or taken back. Thread-safe. */
public record LoggedEjections(Log log) implements EjectionListener {

  @Override
  public void ejected(String service, Endpoint endpoint, String reason, Duration time) {
    log.warn(
        "endpoint ejected "
            + named(service, endpoint)
            + " reason="
            + reason
            + " seconds="
            + time.toSeconds());
  }

  @Override
  public void returned(String service, Endpoint endpoint) {
    log.info("endpoint returned " + named(service, endpoint));
  }

  private static String named(String service, Endpoint endpoint) {
    return "service=" + service + " endpoint=" + endpoint.address() + ":" + endpoint.port();
  }
}
