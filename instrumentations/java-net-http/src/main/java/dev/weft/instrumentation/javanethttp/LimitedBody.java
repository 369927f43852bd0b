package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Limit;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A body whose end ends the limit of its request, and which that limit may end, also after the
 * application has got the response. Signals reach the application's subscriber one at a time.
 * Thread-safe: its monitor guards the signals, which costs less memory per response than a lock.
 */
final class LimitedBody<T> implements BodySubscriber<T> {
  private final BodySubscriber<T> own;
  private final Limit limit;
  private volatile Flow.@Nullable Subscription subscription;
  private boolean over;

  LimitedBody(BodySubscriber<T> own, Limit limit) {
    this.own = own;
    this.limit = limit;
  }

  /** The application's subscriber. */
  BodySubscriber<T> own() {
    return own;
  }

  @Override
  public CompletionStage<T> getBody() {
    return own.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription begun) {
    subscription = begun;
    own.onSubscribe(begun);
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> buffers) {
    if (!over) {
      own.onNext(buffers);
    }
  }

  /** By the client, or because the time is up; then the connection goes, too. */
  @Override
  public void onError(Throwable failure) {
    try {
      fail(failure);
    } finally {
      limit.cancel();
    }
  }

  private synchronized void fail(Throwable failure) {
    if (over) {
      return;
    }
    over = true;
    Flow.Subscription begun = subscription;
    if (begun != null) {
      begun.cancel();
    }
    own.onError(failure);
  }

  @Override
  public void onComplete() {
    try {
      complete();
    } finally {
      limit.cancel();
    }
  }

  private synchronized void complete() {
    if (!over) {
      over = true;
      own.onComplete();
    }
  }
}
