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

  private final MessageDigest digest;

  private ContentHash(MessageDigest digest) {
    this.digest = digest;
  }

  /** Sixteen hexadecimal digits. */
  static String of(Object tree) {
    try {
      ContentHash hash = new ContentHash(MessageDigest.getInstance("SHA-256"));
      hash.add(tree);
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
      digest.update(text);
    }
  }

  /** Type and length before every value, so that no two trees run together to the same bytes. */
  private void begin(char type, int length) {
    digest.update((byte) type);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).flip());
  }
}
