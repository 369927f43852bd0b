package dev.weft.agent.telemetry;

import dev.weft.instrumentation.ServerExchange.Scope;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps failures of the SDK away from the request that is observed. */
record SafeServerObservation(ServerObservation observation, Consumer<RuntimeException> failures)
    implements ServerObservation {
  @Override
  public Scope attach() {
    try {
      return observation.attach();
    } catch (RuntimeException e) {
      failures.accept(e);
      return () -> {};
    }
  }

  @Override
  public void end(int status, String flags, @Nullable Throwable failure) {
    try {
      observation.end(status, flags, failure);
    } catch (RuntimeException e) {
      failures.accept(e);
    }
  }
}
