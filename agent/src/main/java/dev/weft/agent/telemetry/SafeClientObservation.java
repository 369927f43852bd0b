package dev.weft.agent.telemetry;

import java.util.Map;
import java.util.function.Consumer;

/** Keeps failures of the SDK away from the request that is observed. */
record SafeClientObservation(ClientObservation observation, Consumer<RuntimeException> failures)
    implements ClientObservation {
  @Override
  public Map<String, String> headers() {
    try {
      return observation.headers();
    } catch (RuntimeException e) {
      failures.accept(e);
      return Map.of();
    }
  }

  @Override
  public void end(ClientOutcome outcome) {
    try {
      observation.end(outcome);
    } catch (RuntimeException e) {
      failures.accept(e);
    }
  }
}
