package dev.weft.instrumentation.httpclient5;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

/** A copy of a body: the application's may not be written by two threads at once. Thread-safe. */
final class ReplayedEntity extends HttpEntityWrapper {
  private final byte[] bytes;

  private ReplayedEntity(HttpEntity entity, byte[] bytes) {
    super(entity);
    this.bytes = bytes;
  }

  /**
   * The copy of a body.
   *
   * @return null: it cannot be had now, or is not as long as it says
   */
  static @Nullable HttpEntity of(HttpEntity entity, ClassicContent content) {
    byte[] bytes = content.bytes();
    return bytes == null || bytes.length != entity.getContentLength()
        ? null
        : new ReplayedEntity(entity, bytes);
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }

  @Override
  public InputStream getContent() {
    return new ByteArrayInputStream(bytes);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    out.write(bytes);
  }

  @Override
  public void close() {
    // the application's own attempt closes what it has opened
  }
}
