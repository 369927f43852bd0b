package dev.weft.instrumentation.javanethttp;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/** Publishes the body of a local reply: one buffer, then the end. Thread-safe. */
final class SingleBuffer implements Flow.Subscription {
  private final BodySubscriber<?> subscriber;
  private final byte[] body;
  private final AtomicBoolean done = new AtomicBoolean();

  SingleBuffer(BodySubscriber<?> subscriber, byte[] body) {
    this.subscriber = subscriber;
    this.body = body;
  }

  @Override
  public void request(long n) {
    if (done.compareAndSet(false, true)) {
      if (body.length > 0) {
        subscriber.onNext(List.of(ByteBuffer.wrap(body).asReadOnlyBuffer()));
      }
      subscriber.onComplete();
    }
  }

  @Override
  public void cancel() {
    done.set(true);
  }
}
