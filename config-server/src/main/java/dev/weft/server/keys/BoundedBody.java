package dev.weft.server.keys;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** The bytes of a body that is not too large. Confined to one response. */
final class BoundedBody implements BodySubscriber<byte[]> {
  private final BodySubscriber<byte[]> whole = BodySubscribers.ofByteArray();
  private final int most;
  private long seen;
  private @Nullable Subscription subscription;

  BoundedBody(int most) {
    this.most = most;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return whole.getBody();
  }

  @Override
  public void onSubscribe(Subscription started) {
    subscription = started;
    whole.onSubscribe(started);
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    for (ByteBuffer part : bytes) {
      seen += part.remaining();
    }
    Subscription running = subscription;
    if (seen <= most) {
      whole.onNext(bytes);
    } else if (running != null) {
      running.cancel();
      whole.onError(new IOException("is larger than " + most + " bytes"));
    }
  }

  @Override
  public void onError(Throwable failure) {
    whole.onError(failure);
  }

  @Override
  public void onComplete() {
    whole.onComplete();
  }
}
