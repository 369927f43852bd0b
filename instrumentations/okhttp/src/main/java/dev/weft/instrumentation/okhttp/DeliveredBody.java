package dev.weft.instrumentation.okhttp;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSource;
import okio.ForwardingSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * The body that the application gets: the request ends when it has been read, closed, has failed,
 * or is forgotten; and the mesh's limit of the whole request holds until then. Not thread-safe, as
 * any body.
 */
final class DeliveredBody extends ResponseBody {
  private static final int SWITCHING_PROTOCOLS = 101;

  private final ResponseBody delegate;
  private final Watched watched;
  private final BufferedSource source;

  private DeliveredBody(ResponseBody delegate, Watched watched) {
    this.delegate = delegate;
    this.watched = watched;
    this.source = Okio.buffer(watched);
  }

  /** Whether there will be an end of the body to notice. */
  static boolean hasEnd(int status, @Nullable ResponseBody body) {
    return status != SWITCHING_PROTOCOLS && body != null && body.contentLength() != 0;
  }

  /** The body of a response that is not delivered yet, and may never be. */
  static DeliveredBody of(ResponseBody body) {
    return new DeliveredBody(body, new Watched(body.source()));
  }

  /** What is gone when the application has forgotten the body. */
  Object watched() {
    return watched;
  }

  /**
   * The application gets it.
   *
   * @param outcome of {@link #watched}
   */
  void deliver(Outcome outcome) {
    watched.outcome = outcome;
    outcome.watch();
  }

  @Override
  public @Nullable MediaType contentType() {
    return delegate.contentType();
  }

  @Override
  public long contentLength() {
    return delegate.contentLength();
  }

  @Override
  public BufferedSource source() {
    return source;
  }

  /** The bytes on their way to the application. */
  private static final class Watched extends ForwardingSource {
    /** Null: it is not delivered. */
    private @Nullable Outcome outcome;

    Watched(BufferedSource delegate) {
      super(delegate);
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      try {
        long read = super.read(sink, byteCount);
        if (read == -1) {
          end();
        }
        return read;
      } catch (IOException e) {
        throw outcome == null ? e : outcome.failed(e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        end();
      }
    }

    private void end() {
      if (outcome != null) {
        outcome.end(null);
      }
    }
  }
}
