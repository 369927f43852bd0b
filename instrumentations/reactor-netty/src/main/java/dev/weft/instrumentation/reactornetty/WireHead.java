package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.Target;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.AbortedException;

/**
 * Stands next to the codec for the head of one request: what goes over the wire is an edited copy,
 * the application's request stays as it wrote it. Confined to the channel's event loop.
 */
final class WireHead extends ChannelOutboundHandlerAdapter {
  private static final String NAME = "weft.head";

  private final Sending sending;

  private WireHead(Sending sending) {
    this.sending = sending;
  }

  static void install(ChannelPipeline pipeline, Sending sending) {
    WireHead head = new WireHead(sending);
    if (pipeline.get(NAME) != null) { // of an attempt that was given up before it wrote
      pipeline.remove(NAME);
    }
    if (pipeline.get(NettyPipeline.HttpCodec) != null) {
      pipeline.addAfter(NettyPipeline.HttpCodec, NAME, head);
    } else if (pipeline.get(NettyPipeline.H2ToHttp11Codec) != null) {
      pipeline.addAfter(NettyPipeline.H2ToHttp11Codec, NAME, head);
    } else {
      pipeline.addBefore(NettyPipeline.ReactiveBridge, NAME, head);
    }
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // it is the promise's
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!(message instanceof HttpRequest request)) {
      context.write(message, promise);
      return;
    }
    if (sending.writing(context.channel().isActive())) {
      ChannelPromise written = promise.unvoid();
      written.addListener(
          done -> {
            if (done.isSuccess()) {
              sending.written();
            }
          });
      context.write(edited(request, sending.attempt()), written);
    } else {
      ReferenceCountUtil.release(message);
      promise.tryFailure(AbortedException.beforeSend());
    }
    context.pipeline().remove(this);
  }

  private static HttpRequest edited(HttpRequest request, @Nullable Attempt attempt) {
    if (attempt == null || (attempt.requestHeaders().isEmpty() && attempt.target().isEmpty())) {
      return request;
    }
    HttpHeaders headers = new DefaultHttpHeaders(false).add(request.headers());
    String uri = request.uri();
    if (attempt.target().isPresent()) {
      Target target = attempt.target().get();
      target.authority().ifPresent(authority -> headers.set(spelled(headers, "host"), authority));
      uri = target.pathAndQuery().orElse(uri);
    }
    HeaderEdits.apply(headers, attempt.requestHeaders());
    if (request instanceof FullHttpRequest full) {
      return new DefaultFullHttpRequest(
          full.protocolVersion(),
          full.method(),
          uri,
          full.content(),
          headers,
          full.trailingHeaders());
    }
    return new DefaultHttpRequest(request.protocolVersion(), request.method(), uri, headers);
  }

  /** The name as it is written there already. */
  private static String spelled(HttpHeaders headers, String name) {
    return headers.names().stream().filter(name::equalsIgnoreCase).findFirst().orElse(name);
  }
}
