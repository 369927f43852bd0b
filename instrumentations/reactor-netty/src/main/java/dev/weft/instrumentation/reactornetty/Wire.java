package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.Target;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.AbortedException;

/**
 * Stands next to the codec of a connection, or of a stream, from its first attempt on. The head of
 * a request is edited here, so that the application's request stays as it wrote it; and here is
 * seen that a response has ended, which costs less than the library's own {@code onTerminate}.
 * Confined to the channel's event loop.
 */
final class Wire extends ChannelDuplexHandler {
  private static final String NAME = "weft.wire";

  /** Whose head comes next. */
  private @Nullable Sending writing;

  /** The response of which there is more to come. */
  private @Nullable Delivered reading;

  private Wire() {}

  /** The next head is that of this attempt, instead of one that was given up before it wrote. */
  static void write(ChannelPipeline pipeline, Sending sending) {
    of(pipeline).writing = sending;
  }

  /** The response, which has begun, will be told when it has ended. */
  static void read(ChannelPipeline pipeline, Delivered response) {
    of(pipeline).reading = response;
  }

  private static Wire of(ChannelPipeline pipeline) {
    ChannelHandler there = pipeline.get(NAME);
    if (there != null) {
      return (Wire) there;
    }
    Wire added = new Wire();
    if (pipeline.get(NettyPipeline.HttpCodec) != null) {
      pipeline.addAfter(NettyPipeline.HttpCodec, NAME, added);
    } else if (pipeline.get(NettyPipeline.H2ToHttp11Codec) != null) {
      pipeline.addAfter(NettyPipeline.H2ToHttp11Codec, NAME, added);
    } else {
      pipeline.addBefore(NettyPipeline.ReactiveBridge, NAME, added);
    }
    return added;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // it is the promise's
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    Sending sending = writing;
    if (sending == null || !(message instanceof HttpRequest request)) {
      context.write(message, promise);
      return;
    }
    writing = null;
    if (sending.writing(context.channel().isActive())) {
      ChannelPromise written = promise.unvoid();
      written.addListener(
          done -> {
            if (done.isSuccess()) {
              sending.written();
            }
          });
      context.write(edited(request, sending), written);
    } else {
      ReferenceCountUtil.release(message);
      promise.tryFailure(AbortedException.beforeSend());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof LastHttpContent)) {
      context.fireChannelRead(message);
      return;
    }
    // With its end the library gives the connection back, perhaps to somebody who waits for one.
    Delivered ending = reading;
    reading = null;
    context.fireChannelRead(message);
    if (ending == null) { // a response in one piece, or nobody's
      ending = reading;
      reading = null;
    }
    ended(ending);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    Delivered ending = reading;
    writing = null;
    reading = null;
    context.fireChannelInactive();
    ended(ending);
  }

  private static void ended(@Nullable Delivered response) {
    if (response != null) {
      response.ended();
    }
  }

  private static HttpRequest edited(HttpRequest request, Sending sending) {
    Attempt attempt = sending.attempt();
    if (attempt == null || (attempt.requestHeaders().isEmpty() && attempt.target().isEmpty())) {
      return request;
    }
    // A request in one piece is the library's own copy of what the application has.
    HttpRequest onWire = request.headers() == sending.headers() ? copy(request) : request;
    HttpHeaders headers = onWire.headers();
    if (attempt.target().isPresent()) {
      Target target = attempt.target().get();
      target.authority().ifPresent(authority -> headers.set(spelled(headers, "host"), authority));
      target.pathAndQuery().ifPresent(onWire::setUri);
    }
    HeaderEdits.apply(headers, attempt.requestHeaders());
    return onWire;
  }

  private static HttpRequest copy(HttpRequest request) {
    HttpHeaders headers = new DefaultHttpHeaders(false).add(request.headers());
    return request instanceof FullHttpRequest full
        ? new DefaultFullHttpRequest(
            full.protocolVersion(),
            full.method(),
            full.uri(),
            full.content(),
            headers,
            full.trailingHeaders())
        : new DefaultHttpRequest(
            request.protocolVersion(), request.method(), request.uri(), headers);
  }

  /** The name as it is written there already. */
  private static String spelled(HttpHeaders headers, String name) {
    return headers.names().stream().filter(name::equalsIgnoreCase).findFirst().orElse(name);
  }
}
