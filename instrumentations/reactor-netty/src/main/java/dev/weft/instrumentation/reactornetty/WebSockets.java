package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.HiddenMembers;
import dev.weft.instrumentation.Step;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpResponse;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.http.client.WebsocketClientSpec;

/**
 * The handshake of a WebSocket. The library writes it before it asks anybody for anything, so an
 * attempt is configured as if it were a request like any other, and begins the handshake where that
 * one would write its head. What the library makes of the answer is an exception or an open socket;
 * the mesh must see it before. Stateless.
 */
final class WebSockets {
  private static final String OPERATIONS = "reactor.netty.http.client.HttpClientOperations";
  private static final String BEGIN = "withWebsocketSupport";
  private static final String NAME = "weft.handshake";

  private static final HiddenMembers MEMBERS = HiddenMembers.of(MethodHandles.lookup());

  /** Null before 1.1. */
  private static final @Nullable MethodHandle HANDSHAKE =
      typed(
          MEMBERS.optionalMethod(
              OPERATIONS, BEGIN, "(Lreactor/netty/http/client/WebsocketClientSpec;)V"));

  /** With a flag that the library does not read. */
  private static final @Nullable MethodHandle OLD_HANDSHAKE =
      typed(
          MEMBERS.optionalMethod(
              OPERATIONS, BEGIN, "(Lreactor/netty/http/client/WebsocketClientSpec;Z)V"));

  static {
    if (HANDSHAKE == null && OLD_HANDSHAKE == null) {
      throw new LinkageError("HttpClientOperations begins its handshakes elsewhere");
    }
  }

  private WebSockets() {}

  private static @Nullable MethodHandle typed(@Nullable MethodHandle method) {
    return method == null
        ? null
        : method.asType(method.type().changeParameterType(0, Object.class));
  }

  /** Whether the connection that is asked for is one of HTTP/1.1, which becomes the socket. */
  static boolean byUpgrade(HttpClientConfig config) {
    return Arrays.asList(config.protocols()).equals(Arrays.asList(HttpProtocol.HTTP11));
  }

  /** Writes the handshake of an attempt, whose answer the mesh will see first. */
  static void open(Object operations, Channel channel, WebsocketClientSpec spec, Sending sending) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(NAME) != null) { // of an attempt that was given up before it wrote
      pipeline.remove(NAME);
    }
    pipeline.addBefore(NettyPipeline.ReactiveBridge, NAME, new Answer(sending));
    try {
      if (HANDSHAKE != null) {
        HANDSHAKE.invokeExact(operations, spec);
      } else if (OLD_HANDSHAKE != null) {
        OLD_HANDSHAKE.invokeExact(operations, spec, false);
      }
    } catch (Throwable t) {
      throw Internals.rethrown(t);
    }
  }

  /** Waits for the answer to one handshake. Confined to the channel's event loop. */
  private static final class Answer extends ChannelInboundHandlerAdapter {
    private final Sending sending;

    Answer(Sending sending) {
      this.sending = sending;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end of a dead connection
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (!(message instanceof FullHttpResponse response)) {
        context.fireChannelRead(message);
        return;
      }
      context.pipeline().remove(this);
      Step following = sending.answered(response);
      if (following == null) {
        context.fireChannelRead(message);
      } else {
        response.release();
        context.close();
        sending.again(following);
      }
    }
  }
}
