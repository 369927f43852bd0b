package dev.weft.agent.identity;

import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.SSL;
import java.nio.ByteBuffer;

/**
 * Through which one BoringSSL connection reads and writes: for each call it is pointed at the
 * caller's buffer, its source or its sink.
 *
 * <p>What BoringSSL writes while it is pointed at a source (its handshake flight, an alert) goes to
 * a small buffer inside and <em>waits</em> for the next sink. That buffer is a ring whose
 * wrap-around must not be used: it has to be emptied at once, and BoringSSL must not read before.
 * Direct buffers only. Guarded by the engine's lock; freed with the connection.
 */
final class OpenSslBio {
  /** Of the inner buffer, for as long as the connection lives. A larger flight waits outside. */
  private static final int WAITING_ROOM = 1024;

  private final long bio;
  private int waiting;

  OpenSslBio(long ssl) {
    this.bio = SSL.bioNewByteBuffer(ssl, WAITING_ROOM);
  }

  /** Where the buffer's first free or unread byte is; valid while the buffer lives. */
  static long address(ByteBuffer direct) {
    return Buffer.address(direct) + direct.position();
  }

  /** What comes is to be written behind the target's position; then call {@link #sunk}. */
  void sink(ByteBuffer target) {
    SSL.bioSetByteBuffer(bio, address(target), target.remaining(), true);
  }

  /** Moves the target's position behind what has been written since {@link #sink}. */
  void sunk(ByteBuffer target) {
    target.position(target.limit() - SSL.bioLengthByteBuffer(bio));
  }

  /** The next bytes of the source are there to be read; then call {@link #drawn}. */
  void source(ByteBuffer source, int length) {
    SSL.bioSetByteBuffer(bio, address(source), length, false);
  }

  /** Moves the source's position behind what has been read since {@link #source}; how much. */
  int drawn(ByteBuffer source, int length) {
    int drawn = length - SSL.bioLengthByteBuffer(bio);
    source.position(source.position() + drawn);
    return drawn;
  }

  /** Nothing to read, nowhere to write: what comes waits. */
  void detach() {
    SSL.bioClearByteBuffer(bio);
  }

  /** Asks how many bytes wait. */
  void look() {
    waiting = SSL.bioLengthNonApplication(bio);
  }

  /** Whether bytes waited when last we looked. */
  boolean waits() {
    return waiting > 0;
  }

  /** Hands waiting bytes over. */
  void flush(ByteBuffer target) {
    if (waiting > 0 && target.hasRemaining()) {
      sink(target);
      int n = SSL.bioFlushByteBuffer(bio);
      target.position(target.position() + n);
      waiting -= n;
    }
  }
}
