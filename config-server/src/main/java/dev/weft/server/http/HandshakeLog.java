package dev.weft.server.http;

import dev.weft.server.log.Throttle;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Says why TLS handshakes fail. Confined to the connection's event loop. */
final class HandshakeLog extends ChannelInboundHandlerAdapter {
  private static final Pattern BORING =
      Pattern.compile(
          "error:[0-9a-fA-F]+:[^:]*:OPENSSL_internal:"
              + "(?<alert>(?:SSLV3|TLSV1)_ALERT_)?(?<reason>[A-Z0-9_]+)");

  private final Throttle log;

  HandshakeLog(Throttle log) {
    this.log = log;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      String from = Remote.of(ctx.channel()).address();
      if (handshake.cause() instanceof SSLException failure) {
        log.warn("TLS handshake failed from=" + from + ": " + reason(failure));
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

  /** BoringSSL's {@code error:1:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_X}, for people. */
  private static String reason(SSLException failure) {
    String message = String.valueOf(failure.getMessage());
    Matcher boring = BORING.matcher(message);
    if (!boring.matches()) {
      return message;
    }
    String reason = boring.group("reason").toLowerCase(Locale.ROOT);
    return boring.group("alert") == null
        ? reason.replace('_', ' ')
        : "Received fatal alert: " + reason; // as the JDK says it
  }

  /** Whoever only connects, as health checks do, leaves no line. */
  private static boolean sawClientHello(ChannelHandlerContext ctx) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    return tls != null && tls.engine().getHandshakeSession() != null;
  }
}
