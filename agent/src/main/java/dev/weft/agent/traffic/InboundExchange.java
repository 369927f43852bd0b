package dev.weft.agent.traffic;

import dev.weft.agent.telemetry.ServerObservation;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.ServerExchange;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One inbound request. Thread-safe. */
final class InboundExchange implements ServerExchange {
  private final ServerObservation observation;
  private final @Nullable LocalReply refusal;
  private final LongAdder inFlight;
  private final AtomicBoolean ended = new AtomicBoolean();

  /** {@code inFlight} counts it already; its end counts it off. */
  InboundExchange(ServerObservation observation, @Nullable LocalReply refusal, LongAdder inFlight) {
    this.observation = observation;
    this.refusal = refusal;
    this.inFlight = inFlight;
  }

  @Override
  public @Nullable LocalReply refusal() {
    return refusal;
  }

  @Override
  public Scope attach() {
    return observation.attach();
  }

  @Override
  public void end(int status, @Nullable Throwable failure) {
    if (ended.compareAndSet(false, true)) {
      inFlight.decrement();
      observation.end(status, refusal == null ? "-" : refusal.flag(), failure);
    }
  }
}
