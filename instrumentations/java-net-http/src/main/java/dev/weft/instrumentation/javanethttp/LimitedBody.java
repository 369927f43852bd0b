package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.Limit;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Ends a body that takes longer than policy allows the whole request, also after the application
 * has got the response. Signals reach the application's subscriber one at a time. Thread-safe.
 */
final class LimitedBody<T> implements BodySubscriber<T> {
  private final BodySubscriber<T> own;
  private final Limit limit;
  private final ReentrantLock signals = new ReentrantLock();
  private volatile Flow.@Nullable Subscription subscription;
  private boolean over;

  /**
   * Limits a body.
   *
   * @param left what is left of the request's time
   * @param message of the exception that ends it
   */
  LimitedBody(BodySubscriber<T> own, Duration left, String message) {
    this.own = own;
    this.limit = Limit.after(left.plusMillis(1), () -> onError(new HttpTimeoutException(message)));
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
