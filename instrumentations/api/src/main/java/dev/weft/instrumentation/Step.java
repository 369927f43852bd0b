package dev.weft.instrumentation;

import java.time.Duration;

/** What an adapter does with a request. */
public sealed interface Step extends Verdict permits Attempt, Drop, LocalReply {
  /**
   * How long it waits before that, without blocking an event loop; never negative. Then it asks
   * {@link ClientExchange#late}.
   */
  Duration pause();
}
