package dev.weft.server.http;

import dev.weft.server.authority.Svid;
import dev.weft.server.log.Throttle;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.registry.Registry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection: reads a request, has it answered off the event loop, writes the answer, and
 * begins again. A request is judged by its head, so that nobody sends a body in vain. Requests do
 * not overlap: a client that pipelines loses what it sent too early, and the connection.
 *
 * <p>Confined to the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is heard
final class RequestReader extends ChannelInboundHandlerAdapter {

  /**
   * What all connections of a listener share.
   *
   * @param tokenInQuery whether the operator token may stand in the query, for browsers
   */
  record Shared(
      Routes routes,
      OperatorToken operator,
      boolean tokenInQuery,
      Executor workers,
      Timing timing,
      InstantSource clock,
      Throttle log) {}

  private enum State {
    /** Waiting for a request, or in the middle of its head. */
    HEAD,
    BODY,
    /** A worker is answering, or the answer is being written. */
    ANSWERING,
    /** Refused before the body was read: what still comes is thrown away, then it closes. */
    DISCARDING,
    STREAMING
  }

  private record Head(
      Routes.Match match,
      Map<String, List<String>> query,
      HttpHeaders headers,
      Optional<Svid> svid) {}

  /** Beyond this a refused client is cut off instead of being heard out. */
  private static final int MAX_DISCARDED = 8 << 20;

  private final Shared shared;
  private final ConnectionPeer peer;
  private @Nullable ChannelHandlerContext self;
  private State state = State.HEAD;
  private boolean keepAlive;
  private boolean requestBegun;
  private @Nullable Head head;
  private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private long discarded;
  private @Nullable Future<?> timer;
  private @Nullable WatchStream stream;

  RequestReader(Shared shared, ConnectionPeer peer) {
    this.shared = shared;
    this.peer = peer;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    self = ctx;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    arm(ctx, shared.timing().idle(), ctx::close);
  }

  /** Called for every piece of plaintext, before it is parsed: heads can be slow, too. */
  void bytesArrived() {
    ChannelHandlerContext ctx = self;
    if (ctx != null && state == State.HEAD && !requestBegun) {
      requestBegun = true;
      arm(ctx, shared.timing().request(), () -> tooSlow(ctx));
    }
  }

  private void tooSlow(ChannelHandlerContext ctx) {
    if (state == State.DISCARDING) {
      ctx.close();
      return;
    }
    state = State.ANSWERING;
    keepAlive = false;
    write(
        ctx,
        Answer.refusal(
            new Refusal(
                Kind.TOO_SLOW,
                "too-slow",
                "The request did not arrive within "
                    + shared.timing().request().toMillis()
                    + " ms.")));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      switch (state) {
        case HEAD -> {
          if (message instanceof HttpRequest request) {
            readHead(ctx, request);
          }
        }
        case BODY -> {
          if (message instanceof HttpContent content) {
            readBody(ctx, content);
          }
        }
        case DISCARDING -> {
          if (message instanceof HttpContent content) {
            discard(ctx, content);
          }
        }
        case ANSWERING -> {
          if (message instanceof HttpRequest) {
            keepAlive = false;
          }
        }
        case STREAMING -> {
          if (message instanceof HttpRequest) {
            ctx.close();
          }
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void readHead(ChannelHandlerContext ctx, HttpRequest request) {
    keepAlive = HttpUtil.isKeepAlive(request);
    boolean hasBody = true;
    try {
      if (request.decoderResult().isFailure()) {
        throw notHttp(request.decoderResult().cause());
      }
      long length = HttpUtil.getContentLength(request, 0L);
      hasBody = length > 0 || HttpUtil.isTransferEncodingChunked(request);
      Head judged = judge(ctx, request);
      if (length > judged.match().route().maxBody()) {
        throw tooLarge(judged);
      }
      head = judged;
      body = new ByteArrayOutputStream();
      state = State.BODY;
      if (hasBody && HttpUtil.is100ContinueExpected(request)) {
        ctx.writeAndFlush(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
      }
    } catch (Refusal refusal) {
      refuse(ctx, refusal, hasBody);
    } catch (NumberFormatException e) {
      refuse(ctx, notHttp(e), true); // a Content-Length that is no number
    }
  }

  private Head judge(ChannelHandlerContext ctx, HttpRequest request) throws Refusal {
    QueryStringDecoder uri = new QueryStringDecoder(request.uri());
    String path;
    Map<String, List<String>> query;
    try {
      path = uri.path();
      query = uri.parameters();
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.BAD_REQUEST, "bad-uri", "The request's URI is malformed.");
    }
    Routes.Match match = shared.routes().match(request.method().name(), path);
    Optional<Svid> svid = Optional.empty();
    switch (match.route().caller()) {
      case ANYONE -> {}
      case AGENT -> svid = Optional.of(agent(ctx, path));
      case OPERATOR -> {
        Optional<String> header =
            Optional.ofNullable(request.headers().get(HttpHeaderNames.AUTHORIZATION));
        if (shared.tokenInQuery() && header.isEmpty() && query.containsKey("token")) {
          header = Optional.of("Bearer " + query.get("token").get(0));
        }
        shared.operator().require(header);
      }
    }
    return new Head(match, query, request.headers(), svid);
  }

  private Svid agent(ChannelHandlerContext ctx, String path) throws Refusal {
    try {
      return peer.svid(ctx.channel(), shared.clock().instant());
    } catch (Refusal refusal) {
      shared
          .log()
          .warn(
              "agent refused from="
                  + remoteAddress(ctx)
                  + " path="
                  + path
                  + " code="
                  + refusal.code()
                  + ": "
                  + refusal.message());
      throw refusal;
    }
  }

  private static Refusal notHttp(Throwable cause) {
    if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException) {
      return new Refusal(Kind.TOO_LARGE, "head-too-large", "The request's head is too large.");
    }
    return new Refusal(Kind.BAD_REQUEST, "bad-http", "This is not an HTTP request.");
  }

  private static Refusal tooLarge(Head head) {
    return new Refusal(
        Kind.TOO_LARGE,
        "body-too-large",
        "The body may have at most " + head.match().route().maxBody() + " bytes.");
  }

  private void readBody(ChannelHandlerContext ctx, HttpContent content) {
    Head request = head;
    if (request == null) {
      return;
    }
    if (content.decoderResult().isFailure()) {
      refuse(ctx, notHttp(content.decoderResult().cause()), true);
      return;
    }
    ByteBuf bytes = content.content();
    if (body.size() + bytes.readableBytes() > request.match().route().maxBody()) {
      refuse(ctx, tooLarge(request), !(content instanceof LastHttpContent));
      return;
    }
    byte[] piece = new byte[bytes.readableBytes()];
    bytes.readBytes(piece);
    body.writeBytes(piece);
    if (content instanceof LastHttpContent) {
      disarm();
      state = State.ANSWERING;
      dispatch(ctx, request);
    }
  }

  private void dispatch(ChannelHandlerContext ctx, Head complete) {
    Request request =
        new Request(
            complete.match().rest(),
            complete.query(),
            complete.headers(),
            body.toByteArray(),
            complete.svid(),
            remoteAddress(ctx));
    head = null;
    body = new ByteArrayOutputStream(0);
    try {
      shared.workers().execute(() -> answer(ctx, complete.match().route().resource(), request));
    } catch (RejectedExecutionException e) {
      write(
          ctx,
          Answer.refusal(
              new Refusal(
                  Kind.OVERLOADED, "overloaded", "The server is busy; try again in a second.")));
    }
  }

  /** On a worker thread. */
  private void answer(ChannelHandlerContext ctx, Resource resource, Request request) {
    Answer answer;
    try {
      answer = resource.answer(request);
    } catch (Refusal refusal) {
      answer = Answer.refusal(refusal);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      shared.log().warn("request failed from=" + request.remoteAddress() + ": " + e);
      answer =
          Answer.refusal(
              new Refusal(Kind.INTERNAL, "internal", "The server failed; its log has the reason."));
    }
    Answer given = answer;
    ctx.executor()
        .execute(
            () -> {
              if (given instanceof Answer.Whole whole) {
                write(ctx, whole);
              } else if (given instanceof Answer.Stream streamed) {
                beginStream(ctx, streamed);
              }
            });
  }

  private void beginStream(ChannelHandlerContext ctx, Answer.Stream answer) {
    WatchStream begun =
        new WatchStream(
            ctx.channel(), answer.watch(), answer.until(), shared.timing(), shared.clock());
    if (!ctx.channel().isActive()) {
      begun.end(Registry.End.CLOSED_BY_AGENT);
      return;
    }
    state = State.STREAMING;
    stream = begun;
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/x-ndjson");
    HttpUtil.setTransferEncodingChunked(response, true);
    ctx.writeAndFlush(response);
    begun.begin();
  }

  private void refuse(ChannelHandlerContext ctx, Refusal refusal, boolean bodyComes) {
    head = null;
    body = new ByteArrayOutputStream(0);
    if (bodyComes) {
      // Closing with unread bytes would reset the connection, and the client would not see why.
      keepAlive = false;
      state = State.DISCARDING;
      arm(ctx, shared.timing().request(), ctx::close);
      ctx.writeAndFlush(response(Answer.refusal(refusal)));
    } else {
      state = State.ANSWERING;
      write(ctx, Answer.refusal(refusal));
    }
  }

  private void discard(ChannelHandlerContext ctx, HttpContent content) {
    discarded += content.content().readableBytes();
    if (content instanceof LastHttpContent || discarded > MAX_DISCARDED) {
      ctx.close();
    }
  }

  private void write(ChannelHandlerContext ctx, Answer.Whole answer) {
    arm(ctx, shared.timing().write(), ctx::close);
    ctx.writeAndFlush(response(answer))
        .addListener(
            (ChannelFutureListener)
                written -> {
                  if (written.isSuccess() && keepAlive) {
                    state = State.HEAD;
                    requestBegun = false;
                    arm(ctx, shared.timing().idle(), ctx::close);
                  } else {
                    ctx.close();
                  }
                });
  }

  private FullHttpResponse response(Answer.Whole answer) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            Unpooled.wrappedBuffer(answer.body()));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    if (answer.status() == Kind.TOO_MANY.status() || answer.status() == Kind.OVERLOADED.status()) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
    }
    HttpUtil.setKeepAlive(response, keepAlive);
    return response;
  }

  private void arm(ChannelHandlerContext ctx, Duration delay, Runnable action) {
    disarm();
    timer = ctx.executor().schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private static String remoteAddress(ChannelHandlerContext ctx) {
    if (ctx.channel().remoteAddress() instanceof InetSocketAddress remote) {
      String literal = remote.getAddress().getHostAddress();
      int zone = literal.indexOf('%');
      return zone < 0 ? literal : literal.substring(0, zone);
    }
    return "unknown";
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (stream != null) {
      stream.flush();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    disarm();
    if (stream != null) {
      stream.end(Registry.End.CLOSED_BY_AGENT);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
      return;
    }
    if (handshake.cause() instanceof SSLException failure) {
      shared
          .log()
          .warn("TLS handshake failed from=" + remoteAddress(ctx) + ": " + failure.getMessage());
    } else if (handshake.cause() instanceof ClosedChannelException && sawClientHello(ctx)) {
      // The JDK's HTTP client closes without an alert when it does not trust what we show.
      shared
          .log()
          .warn(
              "TLS handshake failed from="
                  + remoteAddress(ctx)
                  + ": the peer closed it; a join token with another server's pin does that");
    }
  }

  /** Whoever only connects, as health checks do, leaves no line. */
  private static boolean sawClientHello(ChannelHandlerContext ctx) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    return tls != null && tls.engine().getHandshakeSession() != null;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // TLS failures were logged with the handshake; a reset connection is the peer's business.
    if (cause instanceof RuntimeException && !(cause.getCause() instanceof SSLException)) {
      shared.log().warn("connection failed from=" + remoteAddress(ctx) + ": " + cause);
    }
    ctx.close();
  }
}
