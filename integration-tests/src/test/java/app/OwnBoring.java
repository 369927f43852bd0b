package app;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/**
 * An application with BoringSSL of its own: Netty with tcnative, server and client, both ends in
 * this process, over TLS with the key in the file {@code KEY_STORE}.
 */
public final class OwnBoring {
  private OwnBoring() {}

  /** Prints {@code own <version of its library>}, {@code heard <text>} and {@code done}. */
  public static void main(String[] args) throws Exception {
    OpenSsl.ensureAvailability();
    System.out.println("own " + OpenSsl.versionString());
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    char[] password = "changeit".toCharArray();
    keys.init(KeyStore.getInstance(new File(System.getenv("KEY_STORE")), password), password);
    SslContext serverTls =
        SslContextBuilder.forServer(keys).sslProvider(SslProvider.OPENSSL).build();
    SslContext clientTls =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    CompletableFuture<String> heard = new CompletableFuture<>();
    try {
      Channel server =
          new ServerBootstrap()
              .group(loops)
              .channel(NioServerSocketChannel.class)
              .childHandler(pipeline(serverTls, new Heard(heard)))
              .bind("127.0.0.1", 0)
              .sync()
              .channel();
      InetSocketAddress address = (InetSocketAddress) server.localAddress();
      Channel client =
          new Bootstrap()
              .group(loops)
              .channel(NioSocketChannel.class)
              .handler(pipeline(clientTls, new Heard(new CompletableFuture<>())))
              .connect(address)
              .sync()
              .channel();
      client.writeAndFlush(Unpooled.copiedBuffer("a word", StandardCharsets.US_ASCII)).sync();
      System.out.println("heard " + heard.get(60, TimeUnit.SECONDS));
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
    System.out.println("done");
  }

  private static ChannelInitializer<Channel> pipeline(SslContext tls, Heard last) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(tls.newHandler(channel.alloc()), last);
      }
    };
  }

  private static final class Heard extends SimpleChannelInboundHandler<ByteBuf> {
    private final CompletableFuture<String> text;

    Heard(CompletableFuture<String> text) {
      this.text = text;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
      text.complete(bytes.toString(StandardCharsets.US_ASCII));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable e) {
      text.completeExceptionally(e);
    }
  }
}
