package systems;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;

/** Sends back what it is sent, by Netty. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails ends the connection, and that is heard
public final class NettyEcho {
  private NettyEcho() {}

  /** Prints {@code transport <name>} and {@code listening <port>}. */
  public static void main(String[] args) throws InterruptedException {
    NettyTransport transport = NettyTransport.choose();
    Channel server =
        new ServerBootstrap()
            .group(transport.group())
            .channel(transport.server())
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(new Echo());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    System.out.println("transport " + transport.name());
    System.out.println("listening " + ((InetSocketAddress) server.localAddress()).getPort());
    server.closeFuture().sync();
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message);
      // Who does not read what it is sent gets no more of it.
      if (!context.channel().isWritable()) {
        context.channel().config().setAutoRead(false);
        context.flush();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(context.channel().isWritable());
    }
  }
}
