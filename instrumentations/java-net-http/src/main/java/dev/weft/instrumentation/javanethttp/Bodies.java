package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.OutboundRequest.Body;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Which bodies can be sent again. Those of the client's own publishers of bytes can; of any other
 * publisher nobody knows whether it gives the same bytes twice. Stateless.
 */
final class Bodies {
  /** Of {@code BodyPublishers.ofByteArray} and {@code ofString}. */
  private static final Set<String> OF_BYTES =
      Set.of(
          "jdk.internal.net.http.RequestPublishers$ByteArrayPublisher",
          "jdk.internal.net.http.RequestPublishers$StringPublisher");

  private Bodies() {}

  static Body kind(BodyPublisher publisher) {
    long length = publisher.contentLength();
    if (length == 0) {
      return Body.NONE;
    }
    return length > 0
            && length <= OutboundRequest.MAX_REPLAYED
            && OF_BYTES.contains(publisher.getClass().getName())
        ? Body.REPLAYABLE
        : Body.ONCE;
  }

  /** The bytes of a body that can be sent again; null: it is none. */
  static byte @Nullable [] bytes(BodyPublisher publisher) {
    if (kind(publisher) != Body.REPLAYABLE) {
      return null;
    }
    Collector collector = new Collector();
    publisher.subscribe(collector);
    return collector.complete ? collector.bytes.toByteArray() : null;
  }

  /** Takes in what a publisher of bytes delivers, which it does while it is asked. */
  private static final class Collector implements Flow.Subscriber<ByteBuffer> {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean complete;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer buffer) {
      byte[] chunk = new byte[buffer.remaining()];
      buffer.get(chunk);
      bytes.writeBytes(chunk);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {
      complete = true;
    }
  }
}
