package dev.weft.server.http;

import dev.weft.server.distribution.Line;
import dev.weft.server.distribution.Subscriber;
import dev.weft.server.registry.Registry;
import org.jspecify.annotations.Nullable;

/** What a stream belongs to. Called on the event loop of its connection; must not block. */
public interface Watch {
  /** The response has begun: it may be woken from now on. Called at most once. */
  void started(Subscriber stream);

  /** What to send now that the connection takes bytes; null: nothing. */
  @Nullable Line next(Subscriber stream);

  /** The stream is over. Called exactly once, also when it never started. */
  void ended(Registry.End how, Subscriber stream);
}
