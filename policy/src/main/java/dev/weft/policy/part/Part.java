package dev.weft.policy.part;

import dev.weft.policy.tree.JsonText;
import dev.weft.policy.tree.Trees;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A piece of a snapshot under a stable key. Its hash is taken over key and text: who has a part
 * with the same hash has this part. Immutable.
 */
public final class Part {
  /** Bytes of a hash. */
  public static final int HASH_BYTES = 8;

  private final String key;
  private final String hash;
  private final byte[] body;
  private final Set<String> words;

  private Part(String key, String hash, byte[] body, Set<String> words) {
    this.key = key;
    this.hash = hash;
    this.body = body;
    this.words = words;
  }

  /** The part of a record. */
  public static Part of(String key, Record value) {
    Map<String, Object> tree = Trees.toTree(value);
    byte[] body = JsonText.bytes(tree);
    Set<String> words = new HashSet<>();
    collect(tree, words);
    return new Part(key, hash(key, body), body, Set.copyOf(words));
  }

  /** The hash of a part: sixteen hexadecimal digits. */
  static String hash(String key, byte[] body) {
    MessageDigest digest = sha256();
    digest.update(key.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    return text(digest.digest(body));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static String text(byte[] digest) {
    return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
  }

  /** Documents and services that the body names: texts with a slash in them. */
  private static void collect(Object tree, Set<String> words) {
    if (tree instanceof Map<?, ?> map) {
      map.values().forEach(value -> collect(value, words));
    } else if (tree instanceof List<?> list) {
      list.forEach(value -> collect(value, words));
    } else if (tree instanceof String text && text.indexOf('/') > 0) {
      words.add(text);
    }
  }

  /** What it is about; see {@link Bodies}. */
  public String key() {
    return key;
  }

  /** Sixteen hexadecimal digits. */
  public String hash() {
    return hash;
  }

  /** The body as JSON in UTF-8, without line feed. Not to be written to. */
  public byte[] body() {
    return body;
  }

  /**
   * The texts in the body that have a slash behind their first character: keys of services ({@code
   * default/pay}) and titles of documents ({@code HTTPRoute default/pay}) are among them, whatever
   * the records look like.
   */
  public Set<String> words() {
    return words;
  }

  @Override
  public String toString() {
    return key + " " + hash;
  }
}
