package dev.weft.agent.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the application writes before the handshake is done, bounded as a socket's send buffer is. A
 * plain socket's kernel would take it too, whether or not the peer reads. Changed under the
 * connection's lock; {@link #isEmpty} and {@link #hasRoom} may be asked by anyone.
 */
final class EarlyBytes {
  private static final int LIMIT = 64 * 1024;
  private static final int FIRST_SIZE = 1024;

  private volatile @Nullable ByteBuffer held; // ready to be read; null: nothing
  private long taken;

  boolean isEmpty() {
    return held == null;
  }

  boolean hasRoom() {
    ByteBuffer bytes = held;
    return bytes == null || bytes.remaining() < LIMIT;
  }

  /** Bytes taken in all; also for anyone who has seen {@link #isEmpty} since they were sent. */
  long taken() {
    return taken;
  }

  /** Takes what fits from the sources, and moves them on; the number of bytes taken. */
  long add(ByteBuffer[] sources) {
    ByteBuffer buffer = held;
    int size = buffer == null ? 0 : buffer.remaining();
    long total = 0;
    for (ByteBuffer source : sources) {
      int n = Math.min(source.remaining(), LIMIT - size);
      if (n > 0) {
        buffer = room(buffer, n);
        buffer.put(source.slice().limit(n)).flip();
        source.position(source.position() + n);
        size += n;
        total += n;
      }
    }
    held = buffer;
    taken += total;
    return total;
  }

  /** The buffer's bytes with {@code more} free behind them, ready to be written. */
  private static ByteBuffer room(@Nullable ByteBuffer buffer, int more) {
    if (buffer == null) {
      return ByteBuffer.allocate(Math.max(more, FIRST_SIZE));
    }
    int size = buffer.remaining();
    if (buffer.capacity() - size >= more) {
      return buffer.compact();
    }
    return ByteBuffer.allocate(Math.min(LIMIT, Math.max(size + more, buffer.capacity() * 2)))
        .put(buffer);
  }

  /** Encrypted; false: the transport does not take all of it now. */
  boolean send(TlsLink link) throws IOException {
    ByteBuffer bytes = held;
    while (bytes != null && bytes.hasRemaining()) {
      long n = link.write(bytes.duplicate());
      if (n < 0) {
        return false;
      }
      bytes.position(bytes.position() + (int) n);
    }
    held = null;
    return true;
  }

  /** As they are; false: the transport does not take all of it now. */
  boolean send(Transport transport) throws IOException {
    ByteBuffer bytes = held;
    if (bytes != null) {
      // In native memory, as a transport wants it; rare, so not pooled.
      ByteBuffer left = ByteBuffer.allocateDirect(bytes.remaining()).put(bytes.duplicate()).flip();
      while (left.hasRemaining()) {
        if (transport.write(left) < 0) {
          bytes.position(bytes.limit() - left.remaining());
          return false;
        }
      }
      held = null;
    }
    return true;
  }

  void clear() {
    held = null;
  }
}
