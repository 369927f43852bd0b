package dev.weft.instrumentation.httpclient5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.DataStreamChannel;

/** A body that can be sent once, of a length that it does not tell. */
final class OnceProducer implements AsyncEntityProducer {
  private final ByteBuffer bytes;

  OnceProducer(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  @Override
  public boolean isRepeatable() {
    return false;
  }

  @Override
  public int available() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void produce(DataStreamChannel channel) throws IOException {
    channel.write(bytes);
    if (!bytes.hasRemaining()) {
      channel.endStream();
    }
  }

  @Override
  public void failed(Exception cause) {}

  @Override
  public void releaseResources() {}

  @Override
  public long getContentLength() {
    return -1;
  }

  @Override
  public String getContentType() {
    return "text/plain";
  }

  @Override
  public String getContentEncoding() {
    return null;
  }

  @Override
  public boolean isChunked() {
    return true;
  }

  @Override
  public Set<String> getTrailerNames() {
    return Set.of();
  }
}
