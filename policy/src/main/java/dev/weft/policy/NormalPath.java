package dev.weft.policy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The path that servers agree on at most: without {@code ;parameters}, percent-decoded once, {@code
 * \} as {@code /}, no empty segment, no dot segment.
 */
final class NormalPath {
  /** Decoded once more, these would change what the path leads to. */
  private static final Pattern CODED_TWICE =
      Pattern.compile("%(?:25|2[eEfF]|5[cC]|3[bBfF]|23|[01][0-9a-fA-F]|7[fF])");

  private NormalPath() {}

  /**
   * The normal form of a path as it came over the wire, without query. Empty when there is none: a
   * broken percent code, a control character, text that is not UTF-8 or not percent-coded, {@code
   * #}, {@code ?}, a coded {@code ;}, a code within a code that spells a separator, dots that lead
   * above the root.
   */
  static Optional<String> of(String path) {
    if (path.equals("*")) {
      return Optional.of(path);
    }
    if (!path.startsWith("/") && !path.startsWith("\\")) {
      return Optional.empty();
    }
    if (isNormal(path)) {
      return Optional.of(path);
    }
    for (int i = 0; i < path.length(); i++) {
      if (odd(path.charAt(i))) {
        return Optional.empty();
      }
    }
    return decode(withoutParameters(path))
        .filter(decoded -> decoded.indexOf(';') < 0 && !CODED_TWICE.matcher(decoded).find())
        .flatMap(NormalPath::withoutDots);
  }

  /** What no client sends in a path, and servers cut off, drop or read in their own charset. */
  private static boolean odd(char c) {
    return c <= ' ' || c >= 0x7f || c == '#' || c == '?';
  }

  /** The common case, without an allocation. */
  private static boolean isNormal(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || c == '\\' || c == ';' || odd(c)) {
        return false;
      }
      if (c == '/' && i + 1 < path.length()) {
        char next = path.charAt(i + 1);
        if (next == '/' || next == '.') {
          return false;
        }
      }
    }
    return true;
  }

  /** Parameters are cut before decoding, as servlet containers do it. */
  private static String withoutParameters(String path) {
    StringBuilder kept = new StringBuilder(path.length());
    boolean parameter = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == ';') {
        parameter = true;
      } else if (c == '/' || c == '\\') {
        parameter = false;
      }
      if (!parameter) {
        kept.append(c);
      }
    }
    return kept.toString();
  }

  private static Optional<String> decode(String path) {
    byte[] raw = path.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(raw.length);
    for (int i = 0; i < raw.length; i++) {
      int value = raw[i];
      if (value == '%') {
        if (i + 2 >= raw.length) {
          return Optional.empty();
        }
        int high = Character.digit(raw[i + 1], 16);
        int low = Character.digit(raw[i + 2], 16);
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        value = high * 16 + low;
        i += 2;
      }
      if ((value >= 0 && value < ' ') || value == 0x7f) {
        return Optional.empty();
      }
      decoded.write(value);
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(decoded.toByteArray());
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException e) {
      // An overlong or broken sequence: servers disagree on what it spells.
      return Optional.empty();
    }
  }

  private static Optional<String> withoutDots(String path) {
    Deque<String> segments = new ArrayDeque<>();
    boolean directory = false;
    for (String segment : path.replace('\\', '/').split("/", -1)) {
      directory = segment.isEmpty() || segment.equals(".") || segment.equals("..");
      if (segment.equals("..")) {
        if (segments.pollLast() == null) {
          return Optional.empty();
        }
      } else if (!directory) {
        segments.addLast(segment);
      }
    }
    String joined = "/" + String.join("/", segments);
    return Optional.of(directory && !segments.isEmpty() ? joined + "/" : joined);
  }
}
