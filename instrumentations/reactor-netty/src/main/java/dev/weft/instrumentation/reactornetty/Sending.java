package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.ClientExchange.Progress;
import dev.weft.instrumentation.Handshakes;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.Step;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AttributeKey;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.NettyOutbound;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.client.WebsocketClientSpec;
import reactor.util.context.Context;

/**
 * One attempt: a subscription to the library's own connecting with a copy of the configuration, in
 * which this object stands for what writes the request. That is how the woven {@code
 * HttpClientHandler} knows an attempt, and its endpoint. Thread-safe.
 */
final class Sending
    implements CoreSubscriber<Connection>,
        BiFunction<HttpClientRequest, NettyOutbound, Publisher<Void>> {
  private static final AttributeKey<Boolean> USED = AttributeKey.valueOf("weft.used");

  /** How far the head of the request has come. */
  private enum Phase {
    PENDING,
    WRITTEN,
    /** Nothing was written, and nothing will be. */
    UNSENT
  }

  private final Hop hop;
  private final @Nullable Attempt attempt;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.PENDING);
  private final AtomicBoolean settled = new AtomicBoolean();
  private volatile @Nullable Subscription subscription;
  private volatile Limit limit = Limit.none();
  private volatile Limit rival = Limit.none();
  private volatile boolean asked;
  private volatile @Nullable Step following;
  private volatile boolean fresh;
  private volatile @Nullable HttpHeaders headers;
  private final @Nullable WebsocketClientSpec webSocket;

  /**
   * An attempt that begins.
   *
   * @param attempt null: as the application would send it without the mesh
   */
  Sending(Hop hop, @Nullable Attempt attempt) {
    this.hop = hop;
    this.attempt = attempt;
    this.webSocket = hop.subscribed().config().websocketClientSpec();
  }

  /** Whether it is the handshake of a WebSocket. */
  boolean opensWebSocket() {
    return webSocket != null;
  }

  /** Whether it is a handshake that was answered, so that a failure is that answer. */
  boolean handshakeAnswered() {
    return opensWebSocket() && asked;
  }

  @Nullable Attempt attempt() {
    return attempt;
  }

  /** The endpoint; null: where the library itself would dial. */
  @Nullable SocketAddress address() {
    return attempt == null ? null : attempt.address();
  }

  void start() {
    HttpClientConfig config = configured();
    if (attempt != null) {
      attempt.timeout().ifPresent(left -> limit = hop.after(left, this::expire));
    }
    Configurations.connect(config).subscribe(this);
  }

  /** Sends another attempt if this one is not answered by then. */
  void rivalledBy(Runnable hedge, Duration delay) {
    rival = hop.after(delay, hedge);
    if (settled.get()) {
      stopLimits();
    }
  }

  private void stopLimits() {
    limit.cancel();
    rival.cancel();
  }

  /** Nobody wants the response any more. */
  void cancel() {
    if (settled.compareAndSet(false, true)) {
      halt();
    }
  }

  private HttpClientConfig configured() {
    Subscribed subscribed = hop.subscribed();
    HttpClientConfig application = subscribed.config();
    HttpClientConfig config = Configurations.copy(application);
    Configurations.body(config, this);
    Configurations.method(config, Internals.method(subscribed.handler()));
    Configurations.dropRedirectConsumers(config);
    if (opensWebSocket()) {
      Configurations.noWebSocket(config);
    }
    if (attempt != null && !application.isSecure()) {
      Configurations.noUri(config); // the library would parse it a second time, see UriAdvice
    } else if (subscribed.redirected() || opensWebSocket()) { // whose scheme would be another
      Configurations.uri(config, Internals.uri(subscribed.handler()));
    }
    if (attempt != null) {
      long connectMillis = attempt.connectTimeout().toMillis();
      Configurations.options(
          config, ConnectOptions.of(Configurations.options(application), connectMillis));
      BiPredicate<HttpClientRequest, HttpClientResponse> redirect =
          application.followRedirectPredicate();
      if (redirect != null) {
        Configurations.followRedirect(config, asked(redirect));
      }
      BiPredicate<?, ?> challenge = Configurations.authentication(application);
      if (challenge != null) {
        Configurations.authentication(config, asked(challenge));
      }
    }
    return config;
  }

  /** The mesh sees a response before the library follows what it says. */
  @SuppressWarnings("unchecked")
  private BiPredicate<HttpClientRequest, HttpClientResponse> asked(BiPredicate<?, ?> library) {
    BiPredicate<Object, Object> own = (BiPredicate<Object, Object>) library;
    return (request, response) -> {
      ask(response);
      return following == null && own.test(request, response);
    };
  }

  private void ask(HttpClientResponse response) {
    if (!asked) {
      asked = true;
      following = hop.responded(attempt, response.status().code(), response.responseHeaders());
    }
  }

  /**
   * A handshake was answered. Called by the connection, on its event loop, before the library sees
   * that.
   *
   * @return what follows; null: the library gets it
   */
  @Nullable Step answered(HttpResponse response) {
    if (settled.get()) {
      return null; // the library is told already that nobody wants it
    }
    asked = true;
    Step again = hop.responded(attempt, response.status().code(), response.headers());
    if (again != null && !settled.compareAndSet(false, true)) {
      return null;
    }
    return again;
  }

  /** The answer was dropped: this follows. */
  void again(Step step) {
    stopLimits();
    hop.again(this, step);
  }

  /** The library has a connection: called by it, on its event loop, before anything else. */
  void connected(Object handler) {
    if (attempt != null) {
      Internals.copyUri(hop.subscribed().handler(), handler);
    }
  }

  /** The library asks for the request, on its event loop, before anything is sent. */
  @Override
  public Publisher<Void> apply(HttpClientRequest request, NettyOutbound outbound) {
    if (settled.get()) {
      return Mono.never(); // the library closes a connection that came too late
    }
    Channel channel = ((Connection) outbound).channel();
    Channel connection = channel.parent() == null ? channel : channel.parent();
    fresh = connection.attr(USED).setIfAbsent(Boolean.TRUE) == null;
    Internals.redirects(hop.subscribed().handler(), outbound);
    headers = request.requestHeaders();
    Wire.write(channel.pipeline(), this);
    WebsocketClientSpec spec = webSocket;
    if (spec != null) {
      WebSockets.open(outbound, channel, spec, this);
      return Mono.empty();
    }
    Recording written = hop.recording();
    if (written == null) {
      return Mono.empty();
    }
    written.restore(request, channel);
    return written.body(outbound, channel);
  }

  /**
   * The head is about to be written.
   *
   * @return false: it must not any more
   */
  boolean writing(boolean active) {
    // What is written to a closed connection goes nowhere, and fails by itself.
    return active ? phase.compareAndSet(Phase.PENDING, Phase.WRITTEN) : phase.get() != Phase.UNSENT;
  }

  /** The head is out. */
  void written() {
    Recording recorded = hop.recording();
    if (recorded != null) {
      recorded.headWritten();
    }
  }

  /** Headers as the application sees them; null: there is no connection yet. */
  @Nullable HttpHeaders headers() {
    return headers;
  }

  /** Whether the attempt provably sent nothing. Nothing will be sent after that is said. */
  Progress progress(Throwable failure) {
    phase.compareAndSet(Phase.PENDING, Phase.UNSENT);
    if (phase.get() == Phase.UNSENT || (fresh && Handshakes.failed(failure))) {
      return Progress.UNSENT;
    }
    return Progress.SENT;
  }

  @Override
  public Context currentContext() {
    return hop.subscribed().context();
  }

  @Override
  public void onSubscribe(Subscription upstream) {
    subscription = upstream;
    if (settled.get()) {
      upstream.cancel(); // given up before it began
    } else {
      upstream.request(Long.MAX_VALUE);
    }
  }

  @Override
  public void onNext(Connection response) {
    if (!settled.compareAndSet(false, true)) {
      response.dispose();
      return;
    }
    stopLimits();
    if (!opensWebSocket()) {
      ask((HttpClientResponse) response);
    }
    Step again = following;
    if (again == null) {
      hop.deliver(this, response);
    } else {
      DroppedResponse.drop(response);
      hop.again(this, again);
    }
  }

  @Override
  public void onError(Throwable failure) {
    if (settled.compareAndSet(false, true)) {
      stopLimits();
      hop.failed(this, failure);
    }
  }

  @Override
  public void onComplete() {}

  private void expire() {
    // A handshake that is answered is the library's to finish; that takes no waiting.
    if (!handshakeAnswered() && settled.compareAndSet(false, true)) {
      halt();
      hop.failed(this, Internals.timeout("attempt timed out"));
    }
  }

  private void halt() {
    phase.compareAndSet(Phase.PENDING, Phase.UNSENT);
    stopLimits();
    Subscription upstream = subscription;
    if (upstream != null) {
      upstream.cancel();
    }
  }
}
