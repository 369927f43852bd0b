package systems;

import static systems.Stories.expect;
import static systems.Stories.expectSame;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sends to {@link NettyEcho}, whose name Netty's own DNS resolver finds. Each argument is {@code
 * <variant>=<host>:<port>}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails ends the connection, and that is heard
public final class NettyClient {
  private static final int LARGE = 8 << 20;
  private static final int CONNECTIONS = 30;
  private static final int PATIENCE_SECONDS = 60;

  private final Bootstrap bootstrap;
  private final InetSocketAddress server;

  private NettyClient(Bootstrap bootstrap, InetSocketAddress server) {
    this.bootstrap = bootstrap;
    this.server = server;
  }

  /** Prints {@code ready}, the stories and {@code done}. */
  public static void main(String[] args) throws Exception {
    System.out.println("ready");
    NettyTransport transport = NettyTransport.choose();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(transport.group())
            .channel(transport.client())
            .resolver(
                new DnsAddressResolverGroup(
                    new DnsNameResolverBuilder().datagramChannelType(transport.datagrams())));
    for (String arg : args) {
      String[] parts = arg.split("[=:]", 3);
      NettyClient client =
          new NettyClient(
              bootstrap, InetSocketAddress.createUnresolved(parts[1], Integer.parseInt(parts[2])));
      Stories stories = new Stories(parts[0] + "_");
      stories.play("theTransportIsNio", () -> expect("nio", transport.name()));
      stories.play("muchComesBackUnchanged", client::muchComesBackUnchanged);
      stories.play("manyConnectionsAreAnswered", client::manyConnectionsAreAnswered);
      bootstrap.clone().handler(new Collector(1)).connect(client.server).sync();
    }
    Stories.awaitFarewell();
    transport.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  private void muchComesBackUnchanged() throws Exception {
    byte[] content = new byte[LARGE];
    new Random(42).nextBytes(content);
    expectSame(content, send(content).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  private void manyConnectionsAreAnswered() throws Exception {
    List<CompletableFuture<byte[]>> answers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      answers.add(send(new byte[] {(byte) i}));
    }
    for (int i = 0; i < CONNECTIONS; i++) {
      expectSame(new byte[] {(byte) i}, answers.get(i).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }
  }

  private CompletableFuture<byte[]> send(byte[] content) throws InterruptedException {
    Collector collector = new Collector(content.length);
    Channel channel = bootstrap.clone().handler(collector).connect(server).sync().channel();
    channel.writeAndFlush(Unpooled.wrappedBuffer(content));
    return collector.answer;
  }

  /** Takes so many bytes, and closes. */
  private static final class Collector extends SimpleChannelInboundHandler<ByteBuf> {
    private final CompletableFuture<byte[]> answer = new CompletableFuture<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final int expected;

    Collector(int expected) {
      this.expected = expected;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) throws Exception {
      bytes.readBytes(received, bytes.readableBytes());
      if (received.size() >= expected) {
        answer.complete(received.toByteArray());
        context.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      answer.completeExceptionally(new IllegalStateException("closed after " + received.size()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      answer.completeExceptionally(cause);
      context.close();
    }
  }
}
