package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.OutboundRequest.Body;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyOutbound;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientState;
import reactor.util.context.Context;

/**
 * The request as the application writes it, before there is a connection. The application gets the
 * library's own operations on a {@link StandInChannel}; the head that it writes is kept, and a body
 * that came with it in one piece. Of a body in many parts the application is asked only when an
 * attempt has written its head ({@link BodyParts}). Thread-safe.
 */
final class Recording implements CoreSubscriber<Void>, ConnectionObserver {
  private final Hop hop;
  private final EventLoop loop;
  private final StandInChannel channel;
  private final Connection operations;
  private final AtomicBoolean headSeen = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Subscription writing;
  private volatile boolean completed;

  /** Whether it is the handshake of a WebSocket. */
  private final boolean webSocket;

  /** Whether what comes next is what the mesh answers itself. */
  private volatile boolean answering;

  /** Headers before the application's part. */
  private volatile PreparedHeaders prepared = PreparedHeaders.NONE;

  /** Null: there were none yet, as of most requests. */
  private volatile @Nullable BodyParts parts;

  private volatile @Nullable HttpRequest head;
  private volatile @Nullable ChannelPromise headPromise;
  private volatile @Nullable ByteBuf content;
  private boolean released; // guarded by this
  private volatile Body kind = Body.NONE;

  Recording(Hop hop) {
    this.hop = hop;
    Subscribed subscribed = hop.subscribed();
    HttpClientConfig config = subscribed.config();
    this.loop = config.loopResources().onClient(config.isPreferNative()).next();
    this.channel = new StandInChannel(this, Internals.address(subscribed.handler()), loop);
    this.webSocket = config.websocketClientSpec() != null;
    if (webSocket) { // a handshake looks for a codec
      channel.pipeline().addFirst(NettyPipeline.HttpCodec, new HttpClientCodec());
    }
    this.operations =
        config.channelOperationsProvider().create(Connection.from(channel), this, null);
    operations.bind();
    channel.handOut();
  }

  void start() {
    Object handler = hop.subscribed().handler();
    Internals.redirects(handler, operations);
    Mono.<Void>fromDirect(publisher(Internals.request(handler, operations))).subscribe(this);
  }

  @SuppressWarnings("unchecked")
  private static Publisher<Void> publisher(Publisher<?> library) {
    return (Publisher<Void>) library;
  }

  /** The head; its headers are {@link #headers}. */
  HttpRequest head() {
    HttpRequest seen = head;
    if (seen == null) {
      throw new IllegalStateException("not written yet");
    }
    return seen;
  }

  /** Headers of the request as the application left them, or as the library shakes hands. */
  HttpHeaders headers() {
    HttpRequest seen = head;
    return webSocket && seen != null
        ? seen.headers()
        : ((HttpClientRequest) operations).requestHeaders();
  }

  Body kind() {
    return kind;
  }

  byte @Nullable [] bytes() {
    ByteBuf kept = content;
    return kind == Body.REPLAYABLE && kept != null && kept.refCnt() > 0
        ? ByteBufUtil.getBytes(kept)
        : null;
  }

  /** What the application did to its request, done again to that of an attempt. */
  void restore(HttpClientRequest request, Channel to) {
    prepared.restore(headers(), request.requestHeaders());
    Duration timeout = Internals.responseTimeout(operations);
    if (timeout != null) {
      request.responseTimeout(timeout);
    }
    for (AttributeKey<?> key : channel.attributes()) {
      restore(key, to);
    }
  }

  private <T> void restore(AttributeKey<T> key, Channel to) {
    T value = channel.attr(key).get();
    if (value != null) {
      to.attr(key).set(value);
    }
  }

  /** Sends the request on an attempt's connection; framing is the library's own. */
  Publisher<Void> body(NettyOutbound outbound, Channel to) {
    ByteBuf kept = content;
    if (kept != null) {
      return outbound.send(Mono.fromSupplier(kept::retainedDuplicate)).then();
    }
    if (head() instanceof FullHttpRequest) {
      return Mono.empty();
    }
    Mono<Void> sent = outbound.then();
    return kind == Body.NONE ? sent : sent.then(Mono.create(sink -> parts().sendTo(to, sink)));
  }

  /** An attempt has written the head: the application may go on. */
  void headWritten() {
    ChannelPromise promise = headPromise;
    if (promise != null) {
      promise.trySuccess();
    }
  }

  /** Lets the application's subscriber see the mesh's own answer. */
  void answer(LocalReply reply) {
    Subscription asking = writing;
    if (asking != null) {
      asking.cancel();
    }
    HttpResponseStatus status = HttpResponseStatus.valueOf(reply.status());
    byte[] bytes = reply.body();
    boolean hasBody = !head().method().equals(HttpMethod.HEAD);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            hasBody ? Unpooled.wrappedBuffer(bytes) : Unpooled.EMPTY_BUFFER);
    for (HeaderField field : reply.fields()) {
      response.headers().add(field.name(), field.value());
    }
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    answering = true;
    loop.execute(() -> Internals.receive(receiver(), channel.pipeline().firstContext(), response));
  }

  /** What the channel's messages go to: during a handshake, operations of its own. */
  private Object receiver() {
    ChannelOperations<?, ?> bound = ChannelOperations.get(channel);
    return bound == null ? operations : bound;
  }

  /** Nobody needs the request any more. */
  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    Subscription asking = writing;
    if (asking != null && !completed) {
      asking.cancel();
    }
    BodyParts unsent = parts;
    if (unsent != null) {
      close(unsent);
    }
    releaseContent();
    channel.end();
  }

  private synchronized void releaseContent() {
    ByteBuf kept = content;
    if (kept != null && !released) {
      released = true; // it stays, so that no attempt that is late takes the body for empty
      kept.release();
    }
  }

  private void close(BodyParts unsent) {
    try {
      loop.execute(unsent::close);
    } catch (RejectedExecutionException e) {
      unsent.close(); // the application has shut its event loops down
    }
  }

  private synchronized BodyParts parts() {
    BodyParts made = parts;
    if (made == null) {
      made = new BodyParts(loop);
      parts = made;
    }
    return made;
  }

  /** A message of the application; the first is the head. */
  void write(Object message, ChannelPromise promise) {
    if (closed.get()) {
      BodyParts.drop(message, promise);
    } else if (message instanceof HttpRequest request && headSeen.compareAndSet(false, true)) {
      headPromise = promise;
      kind = kind(request);
      head = request;
      if (closed.get()) {
        releaseContent(); // who closed may have come before it
      } else if (!webSocket) {
        hop.recorded(this);
      }
    } else {
      write(parts(), message, promise);
    }
  }

  /** Who closes closes first, and looks for parts then; so the order here is the other one. */
  private void write(BodyParts to, Object message, ChannelPromise promise) {
    if (closed.get()) {
      BodyParts.drop(message, promise);
    } else {
      to.write(message, promise);
    }
  }

  void flush() {
    BodyParts written = parts;
    if (written != null) {
      written.flush();
    }
  }

  private Body kind(HttpRequest request) {
    if (request instanceof FullHttpRequest full) {
      if (!full.content().isReadable()) {
        full.release();
        return Body.NONE;
      }
      content = full.content();
      return full.content().readableBytes() <= OutboundRequest.MAX_REPLAYED
          ? Body.REPLAYABLE
          : Body.ONCE;
    }
    boolean framed =
        HttpUtil.isTransferEncodingChunked(request) || HttpUtil.isContentLengthSet(request);
    return framed && !completed ? Body.ONCE : Body.NONE;
  }

  @Override
  public Context currentContext() {
    return hop.subscribed().context();
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    writing = subscription;
    subscription.request(Long.MAX_VALUE);
    if (closed.get()) {
      subscription.cancel();
    }
  }

  @Override
  public void onNext(Void nothing) {}

  /** The application could not write its request, or the rest of it. */
  @Override
  public void onError(Throwable failure) {
    completed = true;
    if (headSeen.get() && !webSocket) {
      parts().fail(failure);
    } else {
      hop.unwritten(failure);
    }
  }

  /** The application has written all it has to. */
  @Override
  public void onComplete() {
    completed = true;
    if (webSocket) {
      hop.recorded(this); // not before the library has its operations in place
    } else if (headSeen.get()) {
      if (head == null || kind == Body.ONCE) {
        parts().complete(); // else nobody waits for parts
      }
    } else {
      operations.outbound().then().subscribe(nothing -> {}, hop::unwritten);
    }
  }

  @Override
  public void onStateChange(Connection connection, State state) {
    if (state == HttpClientState.REQUEST_PREPARED) {
      prepared = PreparedHeaders.of(headers());
    } else if (state == HttpClientState.RESPONSE_RECEIVED) {
      hop.answeredLocally(connection);
    } else if (state == State.DISCONNECTING) {
      close();
    }
  }

  @Override
  public void onUncaughtException(Connection connection, Throwable error) {
    if (answering) {
      hop.answeredLocally(error);
    } else {
      hop.unwritten(error);
    }
  }
}
