package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.OutboundRequest;
import io.netty.buffer.ByteBuf;
import reactor.core.publisher.BaseSubscriber;
import reactor.netty.Connection;

/**
 * The body of a response that nobody gets: a short one is read to its end, so that the connection
 * serves others, a long one ends its connection. Confined to the connection's event loop.
 */
final class DroppedResponse extends BaseSubscriber<ByteBuf> {
  private static final int MAX_DRAINED = OutboundRequest.MAX_REPLAYED;

  private final Connection response;
  private int read;

  private DroppedResponse(Connection response) {
    this.response = response;
  }

  static void drop(Connection response) {
    response.inbound().receive().subscribe(new DroppedResponse(response));
  }

  @Override
  protected void hookOnNext(ByteBuf part) {
    read += part.readableBytes();
    if (read > MAX_DRAINED) {
      response.dispose();
    }
  }

  @Override
  protected void hookOnError(Throwable failure) {
    // The connection has ended by itself.
  }
}
