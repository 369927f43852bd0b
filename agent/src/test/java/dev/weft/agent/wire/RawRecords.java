package dev.weft.agent.wire;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;

/**
 * A JSSE engine made to say what TLS forbids: any bytes as the inner plaintext of a record, under
 * the keys and the sequence number of the connection.
 */
final class RawRecords {
  static final byte CHANGE_CIPHER_SPEC = 20;
  static final byte ALERT = 21;
  static final byte HANDSHAKE = 22;
  static final byte DATA = 23;

  private static final short VERSION = 0x0303;
  private static final int HEADER = 5;
  private static final int ROOM = 64; // content type, tag
  private final Object output;
  private final Method encrypt;

  /** {@code engine}: of a handshake that is done. */
  RawRecords(WatchedEngine engine) {
    try {
      output = get(get(get(engine.watched(), "engine"), "conContext"), "outputRecord");
      encrypt =
          Class.forName("sun.security.ssl.SSLCipher$SSLWriteCipher")
              .getDeclaredMethod("encrypt", byte.class, ByteBuffer.class);
      encrypt.setAccessible(true);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object get(Object target, String field) throws ReflectiveOperationException {
    for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
      try {
        Field found = type.getDeclaredField(field);
        found.setAccessible(true);
        return found.get(target);
      } catch (NoSuchFieldException e) {
        // perhaps in the superclass
      }
    }
    throw new NoSuchFieldException(field);
  }

  /** The next record, whatever it says; a direct buffer, ready to be read. */
  ByteBuffer record(byte type, byte... content) {
    ByteBuffer record = ByteBuffer.allocateDirect(HEADER + content.length + ROOM);
    record.position(HEADER).put(content).put(type).flip().position(HEADER);
    try {
      encrypt.invoke(get(output, "writeCipher"), DATA, record);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
    record.put(0, DATA).putShort(1, VERSION).putShort(3, (short) (record.limit() - HEADER));
    return record.position(0);
  }

  /** A record as it would look without encryption. */
  static ByteBuffer plain(byte type, byte... content) {
    return ByteBuffer.allocateDirect(HEADER + content.length)
        .put(type)
        .putShort(VERSION)
        .putShort((short) content.length)
        .put(content)
        .flip();
  }
}
