package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Limit;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A body whose end ends the limit of its request, and which that limit may end, also after the
 * application has got the response. Signals reach the application's subscriber one at a time.
 * Thread-safe.
 */
final class LimitedBody<T> implements BodySubscriber<T> {
  private final BodySubscriber<T> own;
  private final Limit limit;

  /** Not the monitor: a subscriber may wait, and would pin a virtual thread before JDK 24. */
  private final ReentrantLock signals = new ReentrantLock();

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
  public void onNext(List<ByteBuffer> buffers) {
    signals.lock();
    try {
      if (!over) {
        own.onNext(buffers);
      }
    } finally {
      signals.unlock();
    }
  }

  /** By the client, or because the time is up; then the connection goes, too. */
  @Override
  public void onError(Throwable failure) {
    signals.lock();
    try {
      if (over) {
        return;
      }
      over = true;
      Flow.Subscription begun = subscription;
      if (begun != null) {
        begun.cancel();
      }
      own.onError(failure);
    } finally {
      signals.unlock();
      limit.cancel();
    }
  }

  @Override
  public void onComplete() {
    signals.lock();
    try {
      if (!over) {
        over = true;
        own.onComplete();
      }
    } finally {
      signals.unlock();
      limit.cancel();
    }
  }
}
