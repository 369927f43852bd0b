package dev.weft.instrumentation.httpclient5;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

/** The body of a delivered response: tells when it is through. Confined to its reader. */
final class DeliveredEntity extends HttpEntityWrapper {
  private final HttpEntity entity;
  private final ClassicCall call;
  private @Nullable InputStream content;

  DeliveredEntity(HttpEntity entity, ClassicCall call) {
    super(entity);
    this.entity = entity;
    this.call = call;
  }

  @Override
  public InputStream getContent() throws IOException {
    if (content == null) {
      content = new Content(entity.getContent());
    }
    return content;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    try (InputStream in = getContent()) {
      in.transferTo(out);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      entity.close();
    } finally {
      call.ended(null);
    }
  }

  /** The library's own stream, watched. */
  private final class Content extends FilterInputStream {
    Content(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return watched(in.read());
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return watched(in.read(buffer, offset, length));
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public long skip(long n) throws IOException {
      try {
        return in.skip(n);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        in.close(); // reads what is left of a short body
      } catch (IOException e) {
        throw failed(e);
      } finally {
        call.ended(null);
      }
    }

    private int watched(int read) {
      if (read == -1) {
        call.ended(null);
      }
      return read;
    }

    private IOException failed(IOException failure) {
      IOException seen = call.surfaced(failure);
      call.ended(seen);
      return seen;
    }
  }
}
