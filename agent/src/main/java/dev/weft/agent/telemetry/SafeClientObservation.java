package dev.weft.agent.telemetry;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Keeps failures of the SDK away from the request that is observed. */
record SafeClientObservation(ClientObservation observation, Consumer<RuntimeException> failures)
    implements ClientObservation {
  @Override
  public void eachHeader(BiConsumer<String, String> nameAndValue) {
    try {
      observation.eachHeader(nameAndValue);
    } catch (RuntimeException e) {
      failures.accept(e);
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
