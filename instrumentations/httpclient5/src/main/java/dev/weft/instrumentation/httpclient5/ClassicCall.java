package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Attempt;
import dev.weft.instrumentation.BlockingRace;
import dev.weft.instrumentation.ClientExchange;
import dev.weft.instrumentation.Limit;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.Step;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/** One request of the classic client, over all its attempts, on the calling thread. */
final class ClassicCall {
  private final Connections own;
  private final HttpRoute route;
  private volatile @Nullable ClientExchange exchange;
  private volatile @Nullable BlockingRace<ClassicAnswer, HttpException> race;
  private volatile @Nullable Limit whole;

  /** The limit of the whole request has run out. */
  private volatile boolean expired;

  ClassicCall(Connections own, HttpRoute route) {
    this.own = own;
    this.route = route;
  }

  ClassicHttpResponse send(ClassicHttpRequest request) throws IOException, HttpException {
    ClassicContent content = new ClassicContent(request.getEntity());
    ClientExchange begun =
        Mesh.client()
            .begin(
                HttpClient5Instrumentation.NAME,
                new ApplicationRequest(request, route.getTargetHost(), content));
    if (begun == null) {
      MeshRetryStrategy.unjudged(own.context());
      return sendUntouched(request);
    }
    exchange = begun;
    try {
      Step first = begun.first();
      Optional<Duration> delay = begun.hedgeDelay();
      if (delay.isPresent()) {
        race = race(begun, delay.get(), request, content);
      }
      Optional<Duration> limit = begun.remaining();
      if (limit.isPresent()) {
        whole = Limit.after(limit.get(), this::expire);
      }
      return carriedOut(begun, first, request);
    } catch (Throwable t) {
      failed(t);
      throw t;
    }
  }

  /** Null: the request cannot be sent by two threads at once. */
  private @Nullable BlockingRace<ClassicAnswer, HttpException> race(
      ClientExchange begun, Duration delay, ClassicHttpRequest request, ClassicContent content) {
    HttpEntity entity = request.getEntity();
    HttpEntity copy = entity == null ? null : ReplayedEntity.of(entity, content);
    return !own.canFork() || (entity != null && copy == null)
        ? null
        : new BlockingRace<>(
            begun,
            delay,
            running -> new ClassicAttempts(this, begun, request, copy, own.fork(), running));
  }

  private ClassicHttpResponse sendUntouched(ClassicHttpRequest request)
      throws IOException, HttpException {
    own.lease(route, Optional.empty());
    if (!own.connected()) {
      own.connect();
    }
    return own.execute(request);
  }

  private ClassicHttpResponse carriedOut(
      ClientExchange begun, Step first, ClassicHttpRequest request)
      throws IOException, HttpException {
    BlockingRace<ClassicAnswer, HttpException> running = race;
    ClassicAttempts attempts =
        new ClassicAttempts(this, begun, request, request.getEntity(), own, running);
    ClassicAnswer answer =
        running == null
            ? Objects.requireNonNull(attempts.run(first))
            : running.run(attempts, first, attempts::look);
    if (answer instanceof ClassicAnswer.Delivered delivered) {
      return delivered(delivered);
    }
    return replied(request, ((ClassicAnswer.Local) answer).reply());
  }

  /** The route to the endpoint of an attempt. */
  HttpRoute route(Attempt attempt) {
    return MeshRoutes.endpoint(route, attempt.address(), PoolKind.CONNECTIONS);
  }

  /** Dials the endpoint of an attempt. */
  void connect(Connections connections, Attempt attempt) throws IOException {
    connections.connect(route, attempt);
  }

  /** Whether the limit of the whole request has run out. */
  boolean expired() {
    return expired;
  }

  private void expire() {
    expired = true;
    BlockingRace<ClassicAnswer, HttpException> running = race;
    if (running != null) {
      running.fail(surfaced(Failures.attemptTimeout()));
    }
    own.discard();
  }

  /** What the application gets: its own kind of timeout where a limit of policy has run out. */
  IOException surfaced(IOException failure) {
    ClientExchange begun = exchange;
    if (begun == null) {
      return failure;
    }
    // Each of the library's timeouts is an interruption.
    boolean ours = expired || (begun.expired() && failure instanceof InterruptedIOException);
    return ours ? Failures.timeout(begun, failure) : failure;
  }

  private ClassicHttpResponse delivered(ClassicAnswer.Delivered answer) {
    if (answer.by() != own) {
      own.adopt(answer.by());
      if (expired || own.aborted()) {
        own.discard(); // just before: the body will fail
      }
    }
    ClassicHttpResponse response = answer.response();
    MeshRetryStrategy.judged(own.context(), response.getCode());
    HeaderEdits.apply(response, answer.deliver().responseHeaders());
    HttpEntity entity = response.getEntity();
    if (entity == null) {
      ended(null);
    } else {
      response.setEntity(new DeliveredEntity(entity, this));
    }
    return response;
  }

  private ClassicHttpResponse replied(ClassicHttpRequest request, LocalReply reply) {
    MeshRetryStrategy.judged(own.context(), reply.status());
    ClassicHttpResponse response = new BasicClassicHttpResponse(reply.status());
    LocalResponse.fill(response, HttpVersion.HTTP_1_1, reply);
    byte[] body = LocalResponse.body(request.getMethod(), reply);
    if (body.length > 0) {
      response.setEntity(new ByteArrayEntity(body, LocalResponse.type(response)));
    }
    ended(null);
    return response;
  }

  /** The application gets a failure in place of a response. */
  void failed(Throwable failure) {
    if (exchange != null) {
      MeshRetryStrategy.failed(own.context());
    }
    ended(failure);
  }

  /** The outcome; the first call counts. */
  void ended(@Nullable Throwable failure) {
    ClientExchange begun = exchange;
    Limit limit = whole;
    if (limit != null) {
      limit.close();
    }
    if (begun != null) {
      begun.end(failure);
    }
  }
}
