package dev.weft.agent.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Tells from a connection's first bytes who speaks: the mesh, another TLS client, or something
 * else.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2">RFC 8446, section 4.1.2</a>
 */
final class ClientHello {
  /** What the bytes are. */
  enum Kind {
    /** More bytes are needed to tell. */
    UNDECIDED,
    /** A ClientHello that offers the mesh's ALPN protocol. */
    MESH,
    /** A ClientHello without it. */
    OTHER_TLS,
    /** Not TLS. */
    NOT_TLS
  }

  private static final int HANDSHAKE_RECORD = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int ALPN_EXTENSION = 16;
  private static final int MAX_RECORD = 16_384;
  private static final int RECORD_HEADER = 5;

  private ClientHello() {}

  /**
   * Classifies the bytes between position and limit, which stay as they are. A ClientHello may be
   * spread over several records; one that outgrows the buffer, or is malformed, is {@link
   * Kind#OTHER_TLS}: not ours.
   */
  static Kind classify(ByteBuffer bytes, String alpn) {
    ByteBuffer in = bytes.duplicate();
    if (!in.hasRemaining()) {
      return Kind.UNDECIDED;
    }
    if (in.get(in.position()) != HANDSHAKE_RECORD) {
      return Kind.NOT_TLS;
    }
    if (in.remaining() >= 2 && in.get(in.position() + 1) != 3) {
      return Kind.NOT_TLS;
    }
    ByteBuffer message = ByteBuffer.allocate(bytes.remaining());
    while (in.remaining() >= RECORD_HEADER) {
      int type = in.get() & 0xff;
      in.getShort();
      int length = in.getShort() & 0xffff;
      if (type != HANDSHAKE_RECORD || length == 0 || length > MAX_RECORD) {
        return Kind.OTHER_TLS;
      }
      int n = Math.min(length, in.remaining());
      message.put(in.slice().limit(n));
      in.position(in.position() + n);
      Kind kind = hello(message.duplicate().flip(), alpn);
      if (kind != Kind.UNDECIDED) {
        return kind;
      }
      if (n < length) {
        break;
      }
    }
    return bytes.limit() == bytes.capacity() ? Kind.OTHER_TLS : Kind.UNDECIDED;
  }

  private static Kind hello(ByteBuffer message, String alpn) {
    if (message.remaining() < 4) {
      return Kind.UNDECIDED;
    }
    if (message.get() != CLIENT_HELLO) {
      return Kind.OTHER_TLS;
    }
    int length = (message.get() & 0xff) << 16 | (message.getShort() & 0xffff);
    if (message.remaining() < length) {
      return Kind.UNDECIDED;
    }
    message.limit(message.position() + length);
    try {
      skip(message, 2 + 32); // legacy version and random
      skip(message, message.get() & 0xff); // legacy session id
      skip(message, message.getShort() & 0xffff); // cipher suites
      skip(message, message.get() & 0xff); // compression methods
      if (!message.hasRemaining()) {
        return Kind.OTHER_TLS;
      }
      message.getShort(); // length of all extensions
      while (message.remaining() >= 4) {
        int type = message.getShort() & 0xffff;
        int size = message.getShort() & 0xffff;
        if (type == ALPN_EXTENSION) {
          return offers(message.slice().limit(size), alpn) ? Kind.MESH : Kind.OTHER_TLS;
        }
        skip(message, size);
      }
    } catch (java.nio.BufferUnderflowException | IllegalArgumentException malformed) {
      return Kind.OTHER_TLS;
    }
    return Kind.OTHER_TLS;
  }

  private static boolean offers(ByteBuffer extension, String alpn) {
    byte[] wanted = alpn.getBytes(StandardCharsets.US_ASCII);
    extension.getShort(); // length of the list
    while (extension.hasRemaining()) {
      byte[] offered = new byte[extension.get() & 0xff];
      extension.get(offered);
      if (java.util.Arrays.equals(offered, wanted)) {
        return true;
      }
    }
    return false;
  }

  private static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }
}
