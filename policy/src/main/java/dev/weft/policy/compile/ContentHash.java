package dev.weft.policy.compile;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A short hash of a tree of {@link dev.weft.policy.tree.Trees}; equal trees have equal hashes. */
final class ContentHash {
  private static final int BYTES = 8;
  private static final int HEADER = 1 + Integer.BYTES;

  private final MessageDigest digest;

  /** What the digest is still to be given: it costs as much for a byte as for sixty. */
  private final ByteBuffer pending = ByteBuffer.allocate(8192);

  private ContentHash(MessageDigest digest) {
    this.digest = digest;
  }

  /** Sixteen hexadecimal digits. */
  static String of(Object tree) {
    try {
      ContentHash hash = new ContentHash(MessageDigest.getInstance("SHA-256"));
      hash.add(tree);
      hash.flush();
      return HexFormat.of().formatHex(hash.digest.digest(), 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void add(Object tree) {
    if (tree instanceof Map<?, ?> map) {
      begin('m', map.size());
      map.forEach(
          (key, value) -> {
            add(key);
            add(value);
          });
    } else if (tree instanceof List<?> list) {
      begin('l', list.size());
      list.forEach(this::add);
    } else {
      byte[] text = tree.toString().getBytes(StandardCharsets.UTF_8);
      begin(tree instanceof String ? 's' : 'v', text.length);
      if (pending.remaining() < text.length) {
        flush();
      }
      if (pending.remaining() < text.length) {
        digest.update(text);
      } else {
        pending.put(text);
      }
    }
  }

  /** Type and length before every value, so that no two trees run together to the same bytes. */
  private void begin(char type, int length) {
    if (pending.remaining() < HEADER) {
      flush();
    }
    pending.put((byte) type).putInt(length);
  }

  private void flush() {
    digest.update(pending.flip());
    pending.clear();
  }
}
