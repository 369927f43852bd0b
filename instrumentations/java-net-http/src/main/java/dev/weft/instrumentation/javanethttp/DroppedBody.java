package dev.weft.instrumentation.javanethttp;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the body of a response that nobody will see, so that its connection can be used again;
 * of a long one it leaves the rest, and the connection with it. Confined to the client's sequence
 * of signals.
 *
 * @param <T> what the application's handler would make of the body
 */
final class DroppedBody<T> implements BodySubscriber<T> {
  private static final int LONG = 64 * 1024;

  private final CompletableFuture<T> done = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;
  private long length;

  @Override
  public CompletionStage<T> getBody() {
    return done;
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    newSubscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    buffers.forEach(buffer -> length += buffer.remaining());
    if (length > LONG && subscription != null) {
      subscription.cancel();
      finish();
    }
  }

  /** A response that is dropped may also break off. */
  @Override
  public void onError(Throwable failure) {
    finish();
  }

  @Override
  public void onComplete() {
    finish();
  }

  @SuppressWarnings("NullAway") // nobody looks at it
  private void finish() {
    done.complete(null);
  }
}
