package dev.weft.agent.wire;

import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.MeshTls;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted connection sends first: read by us to tell who speaks, then handed to TLS, or to
 * the application when it is plaintext. Filled under the connection's lock; emptied by one reader.
 */
final class FirstBytes {
  private final BufferPool pool;
  private volatile @Nullable ByteBuffer held; // ready to be read; null: nothing

  FirstBytes(BufferPool pool) {
    this.pool = pool;
  }

  boolean isEmpty() {
    return held == null;
  }

  int size() {
    ByteBuffer bytes = held;
    return bytes == null ? 0 : bytes.remaining();
  }

  /** Reads on, once; what the transport returned. */
  int fill(Transport transport) throws IOException {
    ByteBuffer before = held;
    ByteBuffer bytes = before == null ? pool.take() : room(before);
    try {
      return transport.read(bytes);
    } finally {
      bytes.flip();
      if (bytes.hasRemaining()) {
        held = bytes;
      } else {
        held = null; // first: a buffer that is held and in the pool would be two connections'
        pool.give(bytes);
      }
    }
  }

  private ByteBuffer room(ByteBuffer before) {
    return before.isDirect() ? before.compact() : pool.take().put(before);
  }

  /** Until more comes: holds it in no more memory than it needs, and none of the pool's. */
  void shelve() {
    ByteBuffer bytes = held;
    if (bytes != null && bytes.isDirect()) {
      held = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      pool.give(bytes);
    }
  }

  /** Who speaks, as far as the bytes tell. */
  ClientHello.Kind kind() {
    ByteBuffer bytes = held;
    return bytes == null ? ClientHello.Kind.UNDECIDED : ClientHello.classify(bytes, MeshTls.ALPN);
  }

  /** The bytes, if not shelved from the pool, the caller's from now on; null: none. */
  @Nullable ByteBuffer take() {
    ByteBuffer bytes = held;
    held = null;
    return bytes;
  }

  /** Moves bytes to a reader; the number of bytes moved. */
  int deliver(ByteBuffer target) {
    ByteBuffer bytes = held;
    if (bytes == null) {
      return 0;
    }
    int n = Math.min(target.remaining(), bytes.remaining());
    target.put(bytes.slice().limit(n));
    bytes.position(bytes.position() + n);
    if (!bytes.hasRemaining()) {
      release();
    }
    return n;
  }

  void release() {
    ByteBuffer bytes = take();
    if (bytes != null && bytes.isDirect()) {
      pool.give(bytes);
    }
  }
}
