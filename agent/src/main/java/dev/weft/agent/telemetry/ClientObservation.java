package dev.weft.agent.telemetry;

import java.util.function.BiConsumer;

/** An outbound request under observation. Thread-safe; never throws. */
public interface ClientObservation {
  /** Records nothing and propagates nothing. */
  ClientObservation NONE =
      new ClientObservation() {
        @Override
        public void eachHeader(BiConsumer<String, String> nameAndValue) {}

        @Override
        public void end(ClientOutcome outcome) {}
      };

  /** Trace context to send along: {@code traceparent}, {@code tracestate}, {@code baggage}. */
  void eachHeader(BiConsumer<String, String> nameAndValue);

  /** Records the outcome; to be called once. */
  void end(ClientOutcome outcome);
}
