package dev.weft.benchmarks.wire.app;

import dev.weft.benchmarks.ground.app.Latencies;
import dev.weft.benchmarks.ground.app.Pace;
import dev.weft.benchmarks.ground.app.Schedule;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Loads an HTTP/1.1 server by Netty's NIO transport, with one event loop. A pacer of its own (the
 * thread that got the command) hands requests that are due to the event loop, which is the one
 * thread hop that this load costs, the same for all variants. All other state is confined to the
 * event loop.
 */
public final class NettyClient implements LoadClient {
  private static final long PATIENCE_SECONDS = 30;

  private final String host;
  private final int port;
  private final NettyTls tls;
  private final String hostHeader;
  private final String pad;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final List<Connection> kept = new ArrayList<>();
  private List<Connection> idle = List.of();

  private NettyClient(String host, int port, NettyTls tls) {
    this.host = host;
    this.port = port;
    this.tls = tls;
    this.hostHeader = host + ":" + port;
    this.pad = Content.pad("GET /small HTTP/1.1\r\nhost: " + hostHeader + "\r\n\r\n");
  }

  /**
   * Serves the launcher.
   *
   * @param args transport, folder of certificates, port of the server
   */
  public static void main(String[] args) throws Exception {
    NettyTls tls =
        NettyTls.client(Transport.valueOf(args[0]), Certificates.of(Path.of(args[1]), "client"));
    new NettyClient("127.0.0.1", Integer.parseInt(args[2]), tls).serve();
  }

  @Override
  public void once() throws Exception {
    Connection connection = connect();
    CompletableFuture<Boolean> answered = new CompletableFuture<>();
    connection.outcome = answered;
    connection.then = () -> answered.complete(true);
    loop.execute(() -> connection.send(Content.SMALL));
    wait(answered);
    connection.channel().close().sync();
  }

  @Override
  public Latencies openLoop(Schedule schedule, int connections) throws Exception {
    List<Connection> all = keep(connections);
    OpenLoop run = new OpenLoop(all, schedule.size());
    all.forEach(connection -> connection.outcome = run.finished);
    Pace.wakeThisThreadPunctually();
    long start = System.nanoTime() + 1_000_000;
    for (int i = 0; i < schedule.size(); i++) {
      long due = start + schedule.due(i);
      Pace.until(due);
      loop.execute(() -> run.due(due));
    }
    wait(run.finished);
    return run.latencies;
  }

  /** Requests that are due, and the connections that are free to send them. */
  private static final class OpenLoop {
    final Latencies latencies = new Latencies();
    final CompletableFuture<Boolean> finished = new CompletableFuture<>();
    private final ArrayDeque<Connection> free;
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private int left;

    OpenLoop(List<Connection> connections, int requests) {
      free = new ArrayDeque<>(connections);
      left = requests;
      if (requests == 0) {
        finished.complete(true);
      }
    }

    void due(long at) {
      Connection connection = free.poll();
      if (connection == null) {
        waiting.add(at);
      } else {
        send(connection, at);
      }
    }

    private void send(Connection connection, long at) {
      connection.then = () -> answered(connection, at);
      connection.send(Content.SMALL);
    }

    private void answered(Connection connection, long at) {
      latencies.record(at);
      Long next = waiting.poll();
      if (next == null) {
        free.add(connection);
      } else {
        send(connection, next);
      }
      if (--left == 0) {
        finished.complete(true);
      }
    }
  }

  @Override
  public long closedLoop(String path, int connections, long nanos) throws Exception {
    List<Connection> all = keep(connections);
    long end = System.nanoTime() + nanos;
    long[] count = new long[1];
    List<CompletableFuture<Boolean>> finished = new ArrayList<>();
    for (Connection connection : all) {
      CompletableFuture<Boolean> last = new CompletableFuture<>();
      finished.add(last);
      connection.outcome = last;
      connection.then =
          () -> {
            count[0]++;
            if (System.nanoTime() < end) {
              connection.send(path);
            } else {
              last.complete(true);
            }
          };
      loop.execute(() -> connection.send(path));
    }
    for (CompletableFuture<Boolean> last : finished) {
      wait(last, nanos);
    }
    return count[0];
  }

  @Override
  public long fresh(int parallel, long nanos) throws Exception {
    long end = System.nanoTime() + nanos;
    long[] count = new long[1];
    List<CompletableFuture<Boolean>> finished = new ArrayList<>();
    for (int i = 0; i < parallel; i++) {
      CompletableFuture<Boolean> last = new CompletableFuture<>();
      finished.add(last);
      loop.execute(() -> freshOnes(count, end, last));
    }
    for (CompletableFuture<Boolean> last : finished) {
      wait(last, nanos);
    }
    return count[0];
  }

  private void freshOnes(long[] count, long end, CompletableFuture<Boolean> last) {
    Connection connection = new Connection();
    connection.then =
        () -> {
          count[0]++;
          connection.outcome = new CompletableFuture<>(); // it is we who close
          var closing = connection.channel().close();
          if (System.nanoTime() < end) {
            freshOnes(count, end, last);
          } else {
            closing.addListener(done -> last.complete(true));
          }
        };
    connection.outcome = last;
    var connecting = bootstrap(connection).connect(host, port);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            connection.send(Content.SMALL);
          } else {
            last.completeExceptionally(done.cause());
          }
        });
  }

  @Override
  public void idle(int connections) throws Exception {
    for (Connection connection : idle) {
      connection.channel().close().sync();
    }
    List<Connection> opened = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      Connection connection = connect();
      CompletableFuture<Boolean> answered = new CompletableFuture<>();
      connection.outcome = answered;
      connection.then = () -> answered.complete(true);
      loop.execute(() -> connection.send(Content.SMALL));
      wait(answered);
      opened.add(connection);
    }
    idle = opened;
  }

  /** The first connections of those that stay open from window to window. */
  private List<Connection> keep(int connections) throws Exception {
    kept.removeIf(connection -> !connection.channel().isActive());
    while (kept.size() < connections) {
      kept.add(connect());
    }
    return kept.subList(0, connections);
  }

  private Connection connect() throws Exception {
    Connection connection = new Connection();
    bootstrap(connection).connect(host, port).sync();
    return connection;
  }

  private Bootstrap bootstrap(Connection connection) {
    return new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                connection.channel = channel;
                tls.secure(channel, host, port);
                channel.pipeline().addLast(new HttpClientCodec(), connection);
              }
            });
  }

  private static void wait(CompletableFuture<Boolean> future) throws Exception {
    wait(future, 0);
  }

  private static void wait(CompletableFuture<Boolean> future, long nanos) throws Exception {
    try {
      future.get(nanos + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IOException("stalled for " + PATIENCE_SECONDS + " s", e);
    }
  }

  /** One request at a time. Confined to the event loop. */
  private final class Connection extends SimpleChannelInboundHandler<HttpObject> {
    private @Nullable Channel channel;

    /** What to do with an answer. */
    Runnable then = () -> {};

    /** Whom to tell when there will be none. */
    CompletableFuture<Boolean> outcome = new CompletableFuture<>();

    Channel channel() {
      return Objects.requireNonNull(channel);
    }

    void send(String path) {
      FullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.GET, path, Unpooled.EMPTY_BUFFER);
      request.headers().set(HttpHeaderNames.HOST, hostHeader).set(Content.PAD_NAME, pad);
      var unused = channel().writeAndFlush(request, channel().voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message)
        throws IOException {
      if (message instanceof HttpResponse response
          && !response.status().equals(HttpResponseStatus.OK)) {
        throw new IOException("answered " + response.status());
      }
      if (message instanceof LastHttpContent) {
        then.run();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      outcome.completeExceptionally(cause);
      var unused = context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      outcome.completeExceptionally(new IOException("the connection was closed"));
    }
  }
}
