package dev.weft.agent.traffic;

import dev.weft.agent.telemetry.ServerObservation;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.ServerExchange;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One inbound request. Thread-safe. */
final class InboundExchange implements ServerExchange {
  private final ServerObservation observation;
  private final @Nullable LocalReply refusal;
  private final AtomicBoolean ended = new AtomicBoolean();

  InboundExchange(ServerObservation observation, @Nullable LocalReply refusal) {
    this.observation = observation;
    this.refusal = refusal;
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
      observation.end(status, refusal == null ? "-" : refusal.flag(), failure);
    }
  }
}
