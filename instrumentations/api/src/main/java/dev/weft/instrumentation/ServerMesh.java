package dev.weft.instrumentation;

import org.jspecify.annotations.Nullable;

/** What a server library's adapter asks of the mesh. Thread-safe; never blocks, never throws. */
public interface ServerMesh {
  /**
   * Begins one inbound request: authorises it and starts the span.
   *
   * @param library the {@link Instrumentation#name}
   * @return null: there is no mesh; otherwise {@link ServerExchange#end} must be called once the
   *     response is finished
   */
  @Nullable ServerExchange begin(String library, InboundRequest request);

  /**
   * A server that hands every request of this port to {@link #begin} starts to listen: the wire
   * layer may leave rules about requests to it. Called before the first connection is accepted.
   */
  void covers(int port, String library);

  /** That server stops listening. */
  void uncovers(int port, String library);
}
