package dev.weft.agent.telemetry;

import dev.weft.instrumentation.ServerExchange.Scope;
import org.jspecify.annotations.Nullable;

/** An inbound request under observation. Thread-safe; never throws. */
public interface ServerObservation {
  /** Records nothing. */
  ServerObservation NONE =
      new ServerObservation() {
        @Override
        public Scope attach() {
          return () -> {};
        }

        @Override
        public void end(int status, String flags, @Nullable Throwable failure) {}
      };

  /** Makes its trace current on this thread. */
  Scope attach();

  /** Records the outcome; to be called once. */
  void end(int status, String flags, @Nullable Throwable failure);
}
