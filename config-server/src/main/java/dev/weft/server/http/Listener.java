package dev.weft.server.http;

import dev.weft.server.authority.ServerCertificate;
import dev.weft.server.authority.SvidVerifier;
import dev.weft.server.limit.Limits;
import dev.weft.server.log.Log;
import dev.weft.server.log.Throttle;
import dev.weft.server.operator.Operators;
import dev.weft.server.time.ServerClock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A listening port and its connections. Thread-safe. */
public final class Listener implements AutoCloseable {
  private static final int MAX_LINE = 8 << 10;
  private static final int MAX_HEADERS = 16 << 10;
  private static final int BACKLOG = 4096;

  private final Channel server;
  private final ChannelGroup connections;
  private final @Nullable SslContext tls;

  private Listener(Channel server, ChannelGroup connections, @Nullable SslContext tls) {
    this.server = server;
    this.connections = connections;
    this.tls = tls;
  }

  /**
   * What listeners need of their surroundings.
   *
   * @param workers answer requests
   * @param handshakes do the costly steps of TLS handshakes that the provider hands over
   * @param tlsProvider not {@link TlsProvider#AUTO}
   */
  public record Surroundings(
      EventLoopGroup acceptors,
      EventLoopGroup eventLoops,
      Executor workers,
      Executor handshakes,
      TlsProvider tlsProvider,
      Operators operators,
      Limits limits,
      HttpMetrics metrics,
      SvidVerifier verifier,
      String trustDomain,
      Timing timing,
      ServerClock clock,
      Log log) {}

  /** Listens with TLS 1.3, asking clients for a certificate without insisting. */
  public static Listener tls(
      InetSocketAddress address,
      Routes routes,
      ServerCertificate certificate,
      Surroundings surroundings)
      throws IOException {
    SslContext tls = ServerTls.context(certificate, surroundings.tlsProvider());
    try {
      return open(address, routes, tls, surroundings);
    } catch (IOException | RuntimeException e) {
      ReferenceCountUtil.release(tls);
      throw e;
    }
  }

  /** Listens without TLS, for a page on this machine; the operator token may stand in the query. */
  public static Listener plain(InetSocketAddress address, Routes routes, Surroundings surroundings)
      throws IOException {
    return open(address, routes, null, surroundings);
  }

  private static Listener open(
      InetSocketAddress address, Routes routes, @Nullable SslContext tls, Surroundings surroundings)
      throws IOException {
    Limits limits = surroundings.limits();
    Throttle throttle = new Throttle(surroundings.log(), surroundings.clock());
    RequestReader.Shared shared =
        new RequestReader.Shared(
            new Gate(routes, surroundings.operators(), limits, tls == null, surroundings.clock()),
            new Worker(surroundings.workers(), limits, surroundings.log(), throttle),
            limits,
            surroundings.metrics(),
            surroundings.timing(),
            surroundings.clock(),
            throttle);
    HandshakeGate handshakes = new HandshakeGate(surroundings.handshakes());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(surroundings.acceptors(), surroundings.eventLoops())
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Remote remote = Remote.of(channel);
                    if (!limits.connections().open(remote.key())) {
                      throttle.warn("too many connections from=" + remote.address());
                      channel.unsafe().closeForcibly();
                      return;
                    }
                    channel
                        .closeFuture()
                        .addListener(closed -> limits.connections().close(remote.key()));
                    connections.add(channel);
                    if (tls != null) {
                      SslHandler handler = tls.newHandler(channel.alloc(), handshakes);
                      handler.setHandshakeTimeoutMillis(
                          surroundings.timing().handshake().toMillis());
                      channel.pipeline().addLast(handler, new HandshakeLog(throttle));
                    }
                    addHttp(channel, remote, shared, surroundings);
                  }
                });
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + bound.cause().getMessage(),
          bound.cause());
    }
    handshakes.of(bound.channel());
    return new Listener(bound.channel(), connections, tls);
  }

  private static void addHttp(
      Channel channel, Remote remote, RequestReader.Shared shared, Surroundings surroundings) {
    ConnectionPeer peer =
        new ConnectionPeer(
            surroundings.verifier(), surroundings.trustDomain(), surroundings.clock());
    RequestReader reader = new RequestReader(shared, peer, remote);
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                reader.bytesArrived();
                ctx.fireChannelRead(message);
              }
            })
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(MAX_LINE)
                    .setMaxHeaderSize(MAX_HEADERS)))
        .addLast(reader);
  }

  /** Where it listens, with the actual port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    ReferenceCountUtil.release(tls); // native memory, if it has any; each connection shares it
  }
}
