package dev.weft.server.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What secrets are compared by. */
final class Secrets {
  /** How the text of a named operator token begins; then come id, dot, secret. */
  static final String PREFIX = "weftop1.";

  private Secrets() {}

  static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes the same time wherever they differ. */
  static boolean same(String hash, String other) {
    return MessageDigest.isEqual(hash.getBytes(UTF_8), other.getBytes(UTF_8));
  }
}
