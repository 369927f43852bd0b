package dev.weft.agent.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A response body as lines that are there as soon as they arrive. One thread takes them; the HTTP
 * client's threads bring them, no faster than they are taken. A line that never ends is cut off.
 */
final class Lines implements BodySubscriber<Lines>, AutoCloseable {
  /** A snapshot of a mesh with 100,000 endpoints is less than half of it. */
  static final int LONGEST = 64 << 20;

  /** So much may wait to be taken before no more is asked for. */
  private static final int WAITING = 1 << 20;

  private final int longest;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean stalled = new AtomicBoolean();
  private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private volatile @Nullable Subscription subscription;
  private volatile boolean closed;

  /** A line, or the end with its cause, which is null when the server ended the body. */
  private record Item(@Nullable String line, @Nullable Throwable cause) {}

  Lines() {
    this(LONGEST);
  }

  /**
   * A body of short lines, for tests.
   *
   * @param longest bytes of a line
   */
  Lines(int longest) {
    this.longest = longest;
  }

  /**
   * The next line; null when the body is over.
   *
   * @throws IOException when nothing came in time or the connection broke
   */
  @Nullable String next(Duration limit) throws IOException, InterruptedException {
    Item item = queue.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (item == null) {
      throw new IOException("nothing came for " + limit.toSeconds() + " s");
    }
    if (item.line() != null) {
      taken(item.line().length());
      return item.line();
    }
    queue.add(item); // the end stays the end
    if (item.cause() != null) {
      throw new IOException(item.cause());
    }
    return null;
  }

  private void taken(int length) {
    Subscription now = subscription;
    if (waiting.addAndGet(-length) < WAITING && stalled.compareAndSet(true, false) && now != null) {
      now.request(1);
    }
  }

  /** All that remains as one text, for short bodies. */
  String rest(Duration limit) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    for (String line = next(limit); line != null; line = next(limit)) {
      text.append(line).append('\n');
    }
    return text.toString();
  }

  /** Breaks the connection. */
  @Override
  public void close() {
    closed = true;
    Subscription now = subscription;
    if (now != null) {
      now.cancel();
    }
  }

  @Override
  public CompletionStage<Lines> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Subscription begun) {
    subscription = begun;
    if (closed) {
      begun.cancel();
    } else {
      begun.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      while (buffer.hasRemaining()) {
        byte b = buffer.get();
        if (b == '\n') {
          endLine();
        } else {
          partial.write(b);
        }
      }
    }
    Subscription now = subscription;
    if (partial.size() > longest) {
      closed = true;
      partial.reset();
      if (now != null) {
        now.cancel();
      }
      queue.add(new Item(null, new IOException("a line is longer than " + longest + " bytes")));
    } else if (waiting.get() >= WAITING) {
      stalled.set(true);
      taken(0); // it may have been taken in between
    } else if (now != null) {
      now.request(1);
    }
  }

  private void endLine() {
    String line = partial.toString(StandardCharsets.UTF_8);
    waiting.addAndGet(line.length());
    queue.add(new Item(line, null));
    partial.reset();
  }

  @Override
  public void onError(Throwable cause) {
    queue.add(new Item(null, cause));
  }

  @Override
  public void onComplete() {
    if (partial.size() > 0) {
      endLine();
    }
    queue.add(new Item(null, null));
  }
}
