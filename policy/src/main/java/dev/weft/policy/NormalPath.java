package dev.weft.policy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The normal form of a path: without {@code ;parameters}, {@code \} as {@code /}, no empty segment,
 * no dot segment. Access is judged on the path that servers agree on at most, so there all percent
 * codes are {@linkplain #of decoded}, once. Routes compare {@linkplain #coded what may still be
 * sent}: there only codes of letters, digits and {@code -._~} are decoded (RFC 3986, section
 * 6.2.2), so that no code becomes a separator.
 */
final class NormalPath {
  /** Decoded once more, these would change what the path leads to. */
  private static final Pattern CODED_TWICE =
      Pattern.compile("%(?:25|2[eEfF]|5[cC]|3[bBfF]|23|[01][0-9a-fA-F]|7[fF])");

  /** What a path has to be looked at for; all else stays what it is. */
  private static final boolean[] TELLING = new boolean[128];

  static {
    for (char c : "/%;\\?".toCharArray()) {
      TELLING[c] = true;
    }
  }

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
        .flatMap(decoded -> withoutDots(decoded, Parameters.CUT));
  }

  /** What becomes of {@code ;parameters}, which never count for the structure of a path. */
  private enum Parameters {
    CUT,
    KEPT
  }

  /**
   * The form in which routes compare a path, without query. The same object where it is normal, and
   * where there is no such form: a broken percent code, a control character, text that is not
   * percent-coded, dots that lead above the root.
   */
  static String coded(String path) {
    return isCoded(path) ? path : coded(path, Parameters.CUT);
  }

  /** As {@link #coded(String)}, of a path with its query, which stays as it is. */
  static String ofTarget(String target) {
    if (isCoded(target)) {
      return target;
    }
    int end = RequestTarget.pathEnd(target);
    return coded(target.substring(0, end), Parameters.CUT) + target.substring(end);
  }

  /** As {@link #coded(String)}, with the parameters of what is left: to be changed and sent. */
  static String withParameters(String path) {
    return isCoded(path) ? path : coded(path, Parameters.KEPT);
  }

  /**
   * Where a prefix of so many characters ends in a path of the form {@link #withParameters}, in
   * which parameters are not counted; those of the last segment belong to the prefix.
   */
  static int end(String path, int characters) {
    int counted = 0;
    int i = 0;
    boolean parameter = false;
    for (; i < path.length(); i++) {
      char c = path.charAt(i);
      parameter = c == ';' || (parameter && c != '/');
      if (!parameter && counted == characters) {
        break;
      }
      counted += parameter ? 0 : 1;
    }
    return i;
  }

  /**
   * Whether a path, up to its query, is as routes compare it: the common case, without an
   * allocation.
   */
  private static boolean isCoded(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c >= TELLING.length || !TELLING[c]) {
        continue;
      }
      if (c == '?') {
        return true;
      }
      if (c == '/' ? isDropped(path, i + 1) : c != '%' || !isKept(path, i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a code stays as it is. */
  private static boolean isKept(String path, int at) {
    return at + 2 < path.length()
        && isUpperHex(path.charAt(at + 1))
        && isUpperHex(path.charAt(at + 2))
        && !isUnreserved(code(path, at));
  }

  private static boolean isUpperHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
  }

  /** What means the same with and without a code. */
  private static boolean isUnreserved(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  /** Whether an empty segment that is not the last, or a dot segment, begins here. */
  private static boolean isDropped(String path, int from) {
    if (from == path.length()) {
      return false;
    }
    char first = path.charAt(from);
    if (first != '.') {
      return first == '/';
    }
    int to = from + 1 < path.length() && path.charAt(from + 1) == '.' ? from + 2 : from + 1;
    return to == path.length() || path.charAt(to) == '/' || path.charAt(to) == '?';
  }

  /** Whether a path has the form of {@link #coded(String)}: no dots lead above its beginning. */
  static boolean staysBelow(String path) {
    return isCoded(path) || form(path, Parameters.CUT).isPresent();
  }

  private static String coded(String path, Parameters parameters) {
    return form(path, parameters).orElse(path);
  }

  private static Optional<String> form(String path, Parameters parameters) {
    if (!path.startsWith("/") && !path.startsWith("\\")) {
      return Optional.empty();
    }
    StringBuilder coded = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (odd(c)) {
        return Optional.empty();
      }
      if (c != '%') {
        coded.append(c);
        continue;
      }
      int value = code(path, i);
      if (value < 0) {
        return Optional.empty();
      }
      if (isUnreserved(value)) {
        coded.append((char) value);
      } else {
        coded.append(path.substring(i, i + 3).toUpperCase(Locale.ROOT));
      }
      i += 2;
    }
    return withoutDots(coded.toString(), parameters);
  }

  /** What a percent code stands for; -1: it is broken. */
  private static int code(String path, int at) {
    if (at + 2 >= path.length()) {
      return -1;
    }
    int high = Character.digit(path.charAt(at + 1), 16);
    int low = Character.digit(path.charAt(at + 2), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
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

  private static Optional<String> withoutDots(String path, Parameters parameters) {
    Deque<String> segments = new ArrayDeque<>();
    boolean directory = false;
    for (String segment : path.replace('\\', '/').split("/", -1)) {
      int parameter = segment.indexOf(';');
      String name = parameter < 0 ? segment : segment.substring(0, parameter);
      directory = name.isEmpty() || name.equals(".") || name.equals("..");
      if (name.equals("..")) {
        if (segments.pollLast() == null) {
          return Optional.empty();
        }
      } else if (!directory) {
        segments.addLast(parameters == Parameters.CUT ? name : segment);
      }
    }
    String joined = "/" + String.join("/", segments);
    return Optional.of(directory && !segments.isEmpty() ? joined + "/" : joined);
  }
}
