package dev.weft.benchmarks.scale;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The least that an agent must know of its parts: their hashes. Written from docs/protocol.md, not
 * from the agent's code: bodies are hashed as they stand in the line and never parsed. Confined to
 * one thread.
 */
final class PartHashes {
  private static final HexFormat HEX = HexFormat.of();

  /** All agents have much the same keys. */
  private static final Map<String, String> KEYS = new ConcurrentHashMap<>();

  private final SortedMap<String, byte[]> hashes = new TreeMap<>();
  private String version = "";
  private long generation;
  private String epoch = "";

  String version() {
    return version;
  }

  long generation() {
    return generation;
  }

  String epoch() {
    return epoch;
  }

  int size() {
    return hashes.size();
  }

  String held() {
    byte[] all = new byte[8 * hashes.size()];
    int at = 0;
    for (byte[] hash : hashes.values()) {
      System.arraycopy(hash, 0, all, at, 8);
      at += 8;
    }
    return Base64.getEncoder().encodeToString(all);
  }

  /** Takes a line of a stream; true if it was a change and makes the version that it says. */
  boolean take(byte[] line) {
    Scanner scanner = new Scanner(line);
    String type = "";
    String wanted = "";
    scanner.expect('{');
    while (!scanner.skip('}')) {
      String key = scanner.string();
      scanner.expect(':');
      switch (key) {
        case "type" -> type = scanner.string();
        case "base" -> {
          String base = scanner.string();
          if (base.isEmpty()) {
            hashes.clear();
          } else if (!base.equals(version)) {
            throw new IllegalStateException("base " + base + ", held " + version);
          }
        }
        case "version" -> wanted = scanner.string();
        case "epoch" -> epoch = scanner.string();
        case "generation" -> generation = Long.parseLong(scanner.value());
        case "removed" -> remove(scanner);
        case "parts" -> put(line, scanner);
        default -> scanner.value();
      }
      scanner.skip(',');
    }
    if (!type.equals("delta")) {
      return false;
    }
    version = compute();
    if (!version.equals(wanted)) {
      throw new IllegalStateException("expected version " + wanted + ", computed " + version);
    }
    return true;
  }

  private void remove(Scanner scanner) {
    scanner.expect('[');
    while (!scanner.skip(']')) {
      String key = scanner.string();
      if (key.startsWith("#")) {
        hashes.values().removeIf(hash -> HEX.formatHex(hash).equals(key.substring(1)));
      } else {
        hashes.remove(key);
      }
      scanner.skip(',');
    }
  }

  private void put(byte[] line, Scanner scanner) {
    scanner.expect('{');
    while (!scanner.skip('}')) {
      String key = scanner.string();
      scanner.expect(':');
      int begin = scanner.at();
      scanner.value();
      MessageDigest digest = sha256();
      digest.update((key + "\n").getBytes(UTF_8));
      digest.update(line, begin, scanner.at() - begin);
      byte[] hash = new byte[8];
      System.arraycopy(digest.digest(), 0, hash, 0, 8);
      hashes.put(KEYS.computeIfAbsent(key, same -> same), hash);
      scanner.skip(',');
    }
  }

  private String compute() {
    MessageDigest digest = sha256();
    hashes.forEach(
        (key, hash) -> digest.update((key + " " + HEX.formatHex(hash) + "\n").getBytes(UTF_8)));
    return HEX.formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Walks over JSON without building anything of it. */
  private static final class Scanner {
    private final byte[] text;
    private int at;

    Scanner(byte[] text) {
      this.text = text;
    }

    int at() {
      return at;
    }

    void expect(char c) {
      if (text[at++] != c) {
        throw new IllegalStateException("expected " + c + " at " + (at - 1));
      }
    }

    boolean skip(char c) {
      if (text[at] == c) {
        at++;
        return true;
      }
      return false;
    }

    /** A string without escapes, as keys and versions are. */
    String string() {
      expect('"');
      int begin = at;
      while (text[at] != '"') {
        at++;
      }
      return new String(text, begin, at++ - begin, UTF_8);
    }

    /** Any value, as it stands. */
    String value() {
      int begin = at;
      int depth = 0;
      do {
        byte b = text[at++];
        if (b == '"') {
          while (text[at] != '"') {
            at += text[at] == '\\' ? 2 : 1;
          }
          at++;
        } else if (b == '{' || b == '[') {
          depth++;
        } else if (b == '}' || b == ']') {
          depth--;
        }
      } while (depth > 0 || (text[at] != ',' && text[at] != '}' && text[at] != ']'));
      return begin + 32 > at ? new String(text, begin, at - begin, UTF_8) : "";
    }
  }
}
