package dev.weft.agent.telemetry;

import java.util.Map;

/** An outbound request under observation. Thread-safe; never throws. */
public interface ClientObservation {
  /** Records nothing and propagates nothing. */
  ClientObservation NONE =
      new ClientObservation() {
        @Override
        public Map<String, String> headers() {
          return Map.of();
        }

        @Override
        public void end(ClientOutcome outcome) {}
      };

  /** Trace context to send along: {@code traceparent}, {@code tracestate}, {@code baggage}. */
  Map<String, String> headers();

  /** Records the outcome; to be called once. */
  void end(ClientOutcome outcome);
}
