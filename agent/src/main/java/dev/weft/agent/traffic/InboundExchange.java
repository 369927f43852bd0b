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
  private final boolean last;
  private final Deadline deadline;
  private final AtomicBoolean ended = new AtomicBoolean();

  /**
   * A request that has begun.
   *
   * @param inFlight counts it already; its end counts it off
   * @param last whether its response ends the connection
   * @param deadline until when the caller waits
   */
  InboundExchange(
      ServerObservation observation,
      @Nullable LocalReply refusal,
      LongAdder inFlight,
      boolean last,
      Deadline deadline) {
    this.observation = observation;
    this.refusal = refusal;
    this.inFlight = inFlight;
    this.last = last;
    this.deadline = deadline;
  }

  @Override
  public @Nullable LocalReply refusal() {
    return refusal;
  }

  @Override
  public boolean last() {
    return last;
  }

  @Override
  public Scope attach() {
    return Deadlines.attach(deadline, observation.attach());
  }

  @Override
  public void end(int status, @Nullable Throwable failure) {
    if (ended.compareAndSet(false, true)) {
      inFlight.decrement();
      observation.end(status, refusal == null ? "-" : refusal.flag(), failure);
    }
  }
}
