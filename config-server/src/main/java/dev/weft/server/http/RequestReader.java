package dev.weft.server.http;

import dev.weft.server.limit.Limits;
import dev.weft.server.limit.Traffic;
import dev.weft.server.log.Throttle;
import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.registry.Registry;
import dev.weft.server.time.ServerClock;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection: reads a request, has it answered off the event loop, writes the answer, and
 * begins again. A request is judged by its head ({@link Gate}), so that nobody sends a body in
 * vain. Requests do not overlap: a client that pipelines loses what it sent too early, and the
 * connection.
 *
 * <p>Confined to the connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel, which is heard
final class RequestReader extends ChannelInboundHandlerAdapter {

  /** What all connections of a listener share. */
  record Shared(
      Gate gate,
      Worker worker,
      Limits limits,
      HttpMetrics metrics,
      Timing timing,
      ServerClock clock,
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

  /** Beyond this a refused client is cut off instead of being heard out. */
  private static final int MAX_DISCARDED = 8 << 20;

  /** Beyond so many messages a client that pipelines is cut off instead of being answered. */
  private static final int MAX_EARLY = 32;

  private final Shared shared;
  private final ConnectionPeer peer;
  private final Remote remote;
  private @Nullable ChannelHandlerContext self;
  private State state = State.HEAD;
  private boolean keepAlive;
  private boolean requestBegun;
  private Exchange exchange;
  private Gate.@Nullable Identified reading;
  private long discarded;
  private int early;
  private @Nullable Future<?> timer;
  private @Nullable WatchStream stream;

  RequestReader(Shared shared, ConnectionPeer peer, Remote remote) {
    this.shared = shared;
    this.peer = peer;
    this.remote = remote;
    this.exchange = new Exchange(shared.limits(), remote);
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
      exchange = new Exchange(shared.limits(), remote);
      arm(ctx, shared.timing().request(), () -> tooSlow(ctx));
    }
  }

  private void tooSlow(ChannelHandlerContext ctx) {
    if (state == State.DISCARDING) {
      ctx.close();
      return;
    }
    keepAlive = false;
    long limit = shared.timing().request().toMillis();
    refuse(
        ctx,
        new Refusal(
            Kind.TOO_SLOW, "too-slow", "The request did not arrive within " + limit + " ms."),
        false);
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
          if (message instanceof HttpContent content && reading != null) {
            readBody(ctx, content, reading);
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
          if (++early > MAX_EARLY) {
            ctx.close();
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
      Gate.Goal goal = shared.gate().find(request, remote.key());
      exchange.found(goal);
      Gate.Identified identified =
          shared.gate().identify(goal, request, peer, ctx.channel(), remote.key());
      exchange.identified(identified);
      shared.gate().permit(identified, remote.key());
      if (length > identified.route().maxBody()) {
        throw Exchange.tooLarge(identified.route());
      }
      reading = identified;
      state = State.BODY;
      if (hasBody && HttpUtil.is100ContinueExpected(request)) {
        ctx.writeAndFlush(Responses.goOn());
      }
    } catch (Refusal refusal) {
      refuse(ctx, refusal, hasBody);
    } catch (NumberFormatException e) {
      refuse(ctx, notHttp(e), true); // a Content-Length that is no number
    }
  }

  private static Refusal notHttp(Throwable cause) {
    if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException) {
      return new Refusal(Kind.TOO_LARGE, "head-too-large", "The request's head is too large.");
    }
    return new Refusal(Kind.BAD_REQUEST, "bad-http", "This is not an HTTP request.");
  }

  private void readBody(ChannelHandlerContext ctx, HttpContent content, Gate.Identified request) {
    if (content.decoderResult().isFailure()) {
      refuse(ctx, notHttp(content.decoderResult().cause()), true);
      return;
    }
    boolean last = content instanceof LastHttpContent;
    try {
      exchange.add(content.content(), request.route());
      if (last) {
        disarm();
        state = State.ANSWERING;
        early = 0;
        reading = null;
        dispatch(ctx, exchange, request);
      }
    } catch (Refusal refusal) {
      refuse(ctx, refusal, !last);
    }
  }

  private void dispatch(ChannelHandlerContext ctx, Exchange answered, Gate.Identified request)
      throws Refusal {
    shared
        .worker()
        .submit(
            request.route(),
            answered.request(request),
            answered.trace(),
            outcome -> ctx.executor().execute(() -> answer(ctx, answered, outcome)));
  }

  private void answer(ChannelHandlerContext ctx, Exchange answered, Worker.Outcome outcome) {
    answered.release();
    if (outcome instanceof Worker.Outcome.Refused refused) {
      refuse(ctx, refused.refusal(), false);
    } else if (outcome instanceof Worker.Outcome.Given given) {
      if (given.answer() instanceof Answer.Whole whole) {
        write(ctx, whole);
      } else if (given.answer() instanceof Answer.Stream streamed) {
        beginStream(ctx, streamed);
      }
    }
  }

  private void beginStream(ChannelHandlerContext ctx, Answer.Stream answer) {
    WatchStream begun =
        new WatchStream(
            ctx.channel(),
            answer.watch(),
            answer.until(),
            shared.timing(),
            shared.clock(),
            shared.metrics());
    if (!ctx.channel().isActive()) {
      begun.end(Registry.End.CLOSED_BY_AGENT);
      return;
    }
    state = State.STREAMING;
    stream = begun;
    shared.metrics().answered(exchange.route(), 200, exchange.nanos());
    ctx.writeAndFlush(Responses.lines());
    begun.begin();
  }

  private void refuse(ChannelHandlerContext ctx, Refusal refusal, boolean bodyComes) {
    Route route = exchange.route();
    // Enrolment says itself whom it refuses, and keeps silent about those whom it does not look at.
    if (route == null || route.traffic() != Traffic.ENROLL) {
      shared
          .log()
          .warn(
              "request refused "
                  + exchange.trace()
                  + " code="
                  + refusal.code()
                  + ": "
                  + refusal.message());
    }
    if (refusal.kind() == Kind.UNAUTHENTICATED && route != null && route.caller() == Caller.AGENT) {
      keepAlive = false; // judging a chain is dear: the next try takes a handshake first
    }
    shared.metrics().refused(refusal.code());
    exchange.release();
    reading = null;
    early = 0;
    Answer.Whole answer = Answer.refusal(refusal);
    if (bodyComes) {
      // Closing with unread bytes would reset the connection, and the client would not see why.
      keepAlive = false;
      state = State.DISCARDING;
      shared.metrics().answered(route, answer.status(), exchange.nanos());
      arm(ctx, shared.timing().request(), ctx::close);
      ctx.writeAndFlush(Responses.whole(answer, false));
    } else {
      state = State.ANSWERING;
      write(ctx, answer);
    }
  }

  private void discard(ChannelHandlerContext ctx, HttpContent content) {
    discarded += content.content().readableBytes();
    if (content instanceof LastHttpContent || discarded > MAX_DISCARDED) {
      ctx.close();
    }
  }

  private void write(ChannelHandlerContext ctx, Answer.Whole answer) {
    shared.metrics().answered(exchange.route(), answer.status(), exchange.nanos());
    arm(ctx, shared.timing().write(), ctx::close);
    ctx.writeAndFlush(Responses.whole(answer, keepAlive))
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

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (stream != null) {
      stream.flush();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    disarm();
    if (state == State.BODY) {
      exchange.release(); // in ANSWERING a worker still uses it
    }
    if (stream != null) {
      stream.end(Registry.End.CLOSED_BY_AGENT);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // TLS failures were logged with the handshake; a reset connection is the peer's business.
    if (cause instanceof RuntimeException && !(cause.getCause() instanceof SSLException)) {
      shared.log().warn("connection failed from=" + remote.address() + ": " + cause);
    }
    ctx.close();
  }
}
