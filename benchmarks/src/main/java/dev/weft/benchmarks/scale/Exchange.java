package dev.weft.benchmarks.scale;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the server, with TLS, one request after the other. Confined to its event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is heard
final class Exchange extends ChannelInboundHandlerAdapter {

  /** Bytes on the wire and finished handshakes, of all connections. */
  record Traffic(LongAdder in, LongAdder out, LongAdder handshakes) {}

  /** What comes back. */
  interface Listener {
    /** The connection stands; requests may be sent. */
    void connected();

    /** A whole answer to a call, or the refusal of a stream. */
    void answered(int status, int retryAfterSeconds, byte[] body);

    /** A line of a stream. */
    void line(byte[] line);

    /**
     * The connection is over, or never was.
     *
     * @param refused nobody listened
     */
    void closed(boolean refused);
  }

  private final Listener listener;
  private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private @Nullable Channel channel;
  private boolean streaming;
  private boolean closed;
  private int status;
  private int retryAfter;

  private Exchange(Listener listener) {
    this.listener = listener;
  }

  static Exchange open(
      InetSocketAddress address,
      SslContext tls,
      EventLoop loop,
      Traffic traffic,
      Listener listener) {
    Exchange exchange = new Exchange(listener);
    new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel made) {
                SslHandler ssl = tls.newHandler(made.alloc());
                ssl.setHandshakeTimeoutMillis(10_000);
                made.pipeline().addLast(new Counter(traffic), ssl, new HttpClientCodec(), exchange);
                ssl.handshakeFuture()
                    .addListener(
                        done -> {
                          if (done.isSuccess()) {
                            traffic.handshakes().increment();
                            listener.connected();
                          } else {
                            made.close();
                          }
                        });
              }
            })
        .connect(address)
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                exchange.end(connected.cause() instanceof ConnectException);
              }
            });
    return exchange;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
  }

  void post(String path, String json, boolean stream) {
    Channel open = channel;
    if (open == null) {
      return;
    }
    streaming = stream;
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.POST,
            path,
            Unpooled.wrappedBuffer(json.getBytes(StandardCharsets.UTF_8)));
    request
        .headers()
        .set(HttpHeaderNames.HOST, "localhost")
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
        .set(HttpHeaderNames.CONTENT_LENGTH, request.content().readableBytes());
    open.writeAndFlush(request);
  }

  void close() {
    Channel open = channel;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpResponse response) {
        status = response.status().code();
        retryAfter = response.headers().getInt(HttpHeaderNames.RETRY_AFTER, 0);
        streaming &= status == 200;
        body = new ByteArrayOutputStream(0);
      }
      if (message instanceof HttpContent content) {
        read(content.content());
        if (message instanceof LastHttpContent && !streaming) {
          byte[] whole = taken();
          listener.answered(status, retryAfter, whole);
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ByteBuf bytes) {
    while (bytes.isReadable()) {
      int end = streaming ? bytes.bytesBefore((byte) '\n') : -1;
      byte[] piece = new byte[end < 0 ? bytes.readableBytes() : end];
      bytes.readBytes(piece);
      body.writeBytes(piece);
      if (end >= 0) {
        bytes.skipBytes(1);
        listener.line(taken());
      }
    }
  }

  /** What was read so far; its buffer, which may be large, is not kept. */
  private byte[] taken() {
    byte[] all = body.toByteArray();
    body = new ByteArrayOutputStream(0);
    return all;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(false);
  }

  private void end(boolean refused) {
    if (!closed) {
      closed = true;
      listener.closed(refused);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IllegalStateException) {
      System.err.println("scale: the protocol is broken: " + cause);
    }
    ctx.close();
  }

  /** Below TLS. */
  private static final class Counter extends ChannelDuplexHandler {
    private final Traffic traffic;

    Counter(Traffic traffic) {
      this.traffic = traffic;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes) {
        traffic.in().add(bytes.readableBytes());
      }
      ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (message instanceof ByteBuf bytes) {
        traffic.out().add(bytes.readableBytes());
      }
      ctx.write(message, promise);
    }
  }
}
