package dev.weft.instrumentation;

import java.net.InetSocketAddress;
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
   * A server that hands every request of this listening socket to {@link #begin} starts to listen:
   * the wire layer leaves access to it. Called before the first connection is accepted.
   *
   * @param local what it listens on; the wildcard address stands for all
   */
  void covers(InetSocketAddress local, String library);

  /** That server stops listening. */
  void uncovers(InetSocketAddress local, String library);
}
