package dev.weft.instrumentation.reactornetty;

import io.netty.channel.Channel;
import io.netty.handler.timeout.ReadTimeoutException;
import reactor.netty.Connection;

/** The response that the application got, until it has all of its body. Thread-safe. */
final class Delivered {
  private final Connection response;
  private final Runnable whenEnded;
  private boolean over; // confined to the connection's event loop

  private Delivered(Connection response, Runnable whenEnded) {
    this.response = response;
    this.whenEnded = whenEnded;
  }

  /**
   * To be called on the connection's event loop, before the application gets it.
   *
   * @param whenEnded called when the body has been read to its end, or the connection has ended
   */
  static Delivered of(Connection response, Runnable whenEnded) {
    Delivered delivered = new Delivered(response, whenEnded);
    Wire.read(response.channel().pipeline(), delivered);
    return delivered;
  }

  /** Called on the connection's event loop. */
  void ended() {
    over = true;
    whenEnded.run();
  }

  /** Fails the body as the library's own timeout does. */
  void interrupt(String message) {
    ReadTimeoutException timeout = Internals.timeout(message);
    Channel channel = response.channel();
    channel.eventLoop().execute(() -> interrupt(channel, timeout));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end of a dead connection
  private void interrupt(Channel channel, ReadTimeoutException timeout) {
    if (!over) { // else the connection may be another request's by now
      channel.pipeline().fireExceptionCaught(timeout);
      channel.close();
    }
  }
}
