package clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * From a library's callbacks to the thread that waits for them: a response's head, then its body.
 * Thread-safe; nothing that a callback calls blocks.
 *
 * @param <H> head of a response
 */
final class Pipe<H> extends InputStream {
  private final CompletableFuture<H> head = new CompletableFuture<>();
  private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private final Runnable abandoned;
  private Piece current = new Piece(ByteBuffer.allocate(0), null, false);

  /**
   * A part of the body, or what ended it.
   *
   * @param failure null: none
   */
  private record Piece(ByteBuffer bytes, @Nullable Throwable failure, boolean last) {}

  /** {@code abandoned} runs when the body is closed before its end. */
  Pipe(Runnable abandoned) {
    this.abandoned = abandoned;
  }

  void head(H response) {
    head.complete(response);
  }

  void data(byte[] bytes) {
    pieces.add(new Piece(ByteBuffer.wrap(bytes), null, false));
  }

  void end() {
    pieces.add(new Piece(ByteBuffer.allocate(0), null, true));
  }

  void fail(Throwable failure) {
    head.completeExceptionally(failure);
    pieces.add(new Piece(ByteBuffer.allocate(0), failure, true));
  }

  /** Waits for the head. */
  H await() throws Exception {
    try {
      return head.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    while (!current.bytes().hasRemaining()) {
      if (current.failure() != null) {
        throw new Failed(current.failure());
      }
      if (current.last()) {
        return -1;
      }
      next();
    }
    int n = Math.min(length, current.bytes().remaining());
    current.bytes().get(to, offset, n);
    return n;
  }

  private void next() throws InterruptedIOException {
    try {
      current = pieces.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  @Override
  public void close() {
    if (!current.last()) {
      abandoned.run();
    }
  }

  /** What a callback was told, on its way through a stream that may throw nothing else. */
  static final class Failed extends IOException {
    private static final long serialVersionUID = 1;

    Failed(Throwable failure) {
      super(failure);
    }
  }
}
