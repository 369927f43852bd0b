package dev.weft.server.http;

import dev.weft.server.distribution.Subscriber;
import dev.weft.server.registry.Registry;

/** What a stream belongs to. Called on the event loop of its connection; must not block. */
public interface Watch {
  /** The response has begun: lines may be offered from now on. Called at most once. */
  void started(Subscriber stream);

  /** The stream is over. Called exactly once, also when it never started. */
  void ended(Registry.End how, Subscriber stream);
}
