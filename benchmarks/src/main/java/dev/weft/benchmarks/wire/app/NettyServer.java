package dev.weft.benchmarks.wire.app;

import dev.weft.benchmarks.ground.app.Commands;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/** An HTTP/1.1 server on Netty's NIO transport, with one event loop as the machine is small. */
public final class NettyServer {
  private NettyServer() {}

  /**
   * Serves on a free port of the loopback interface.
   *
   * @param args transport, folder of certificates
   */
  public static void main(String[] args) throws Exception {
    NettyTls tls =
        NettyTls.server(Transport.valueOf(args[0]), Certificates.of(Path.of(args[1]), "server"));
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    Channel listener =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    tls.secure(channel.pipeline());
                    channel.pipeline().addLast(new HttpServerCodec(), new Requests());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    new Commands().serve("port=" + ((InetSocketAddress) listener.localAddress()).getPort());
  }

  private static final class Requests extends SimpleChannelInboundHandler<HttpObject> {
    private static final ByteBuf JSON =
        Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(1024).writeBytes(Content.json()).asReadOnly());
    private static final ByteBuf PIECE =
        Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(Content.PIECE_BYTES).writeZero(Content.PIECE_BYTES).asReadOnly());

    private boolean bulk;
    private int bulkLeft;

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
      if (message instanceof HttpRequest request) {
        bulk = request.uri().equals(Content.BULK);
      }
      if (message instanceof LastHttpContent) {
        if (bulk) {
          HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
          head.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, Content.BULK_BYTES);
          var unused = context.write(head, context.voidPromise());
          bulkLeft = Content.BULK_BYTES;
          writePieces(context);
        } else {
          FullHttpResponse small =
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.OK, JSON.duplicate());
          small
              .headers()
              .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
              .setInt(HttpHeaderNames.CONTENT_LENGTH, JSON.readableBytes());
          var unused = context.write(small, context.voidPromise());
        }
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (bulkLeft > 0) {
        writePieces(context);
      }
      context.fireChannelWritabilityChanged();
    }

    /** As much as the channel takes; it says when it takes more. */
    private void writePieces(ChannelHandlerContext context) {
      while (bulkLeft > 0 && context.channel().isWritable()) {
        bulkLeft -= Content.PIECE_BYTES;
        ByteBuf piece = PIECE.duplicate();
        // May come back here, by way of channelWritabilityChanged.
        var unused =
            context.writeAndFlush(
                bulkLeft == 0 ? new DefaultLastHttpContent(piece) : new DefaultHttpContent(piece),
                context.voidPromise());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // A probe that speaks no HTTP, or no TLS; the client counts what it misses.
      var unused = context.close();
    }
  }
}
