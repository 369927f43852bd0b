package dev.weft.instrumentation.okhttp;

import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.Response;
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
  private final BufferedSource source;

  private DeliveredBody(ResponseBody delegate, BufferedSource source) {
    this.delegate = delegate;
    this.source = source;
  }

  /** Whether there will be an end of the body to notice. */
  static boolean hasEnd(Response response) {
    ResponseBody body = response.body();
    return response.code() != SWITCHING_PROTOCOLS && body != null && body.contentLength() != 0;
  }

  /** The body of a delivered response. */
  static DeliveredBody of(ResponseBody body, Outcome outcome) {
    Watched watched = new Watched(body.source(), outcome);
    outcome.watch(watched);
    return new DeliveredBody(body, Okio.buffer(watched));
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
    private final Outcome outcome;

    Watched(BufferedSource delegate, Outcome outcome) {
      super(delegate);
      this.outcome = outcome;
    }

    @Override
    public long read(Buffer sink, long byteCount) throws IOException {
      try {
        long read = super.read(sink, byteCount);
        if (read == -1) {
          outcome.end(null);
        }
        return read;
      } catch (IOException e) {
        throw outcome.failed(e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        outcome.end(null);
      }
    }
  }
}
