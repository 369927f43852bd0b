package dev.weft.server.http;

import dev.weft.server.log.Throttle;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;

/** Says why TLS handshakes fail. Confined to the connection's event loop. */
final class HandshakeLog extends ChannelInboundHandlerAdapter {
  private final Throttle log;

  HandshakeLog(Throttle log) {
    this.log = log;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      String from = Remote.of(ctx.channel()).address();
      if (handshake.cause() instanceof SSLException failure) {
        log.warn("TLS handshake failed from=" + from + ": " + failure.getMessage());
      } else if (handshake.cause() instanceof ClosedChannelException && sawClientHello(ctx)) {
        // The JDK's HTTP client closes without an alert when it does not trust what we show.
        log.warn(
            "TLS handshake failed from="
                + from
                + ": the peer closed it; a join token with another server's pin does that");
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  /** Whoever only connects, as health checks do, leaves no line. */
  private static boolean sawClientHello(ChannelHandlerContext ctx) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    return tls != null && tls.engine().getHandshakeSession() != null;
  }
}
