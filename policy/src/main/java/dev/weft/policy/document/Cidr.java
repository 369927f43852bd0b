package dev.weft.policy.document;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Networks in CIDR notation (RFC 4632, RFC 4291 section 2.3). */
final class Cidr {
  private static final Pattern V4 =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");
  private static final Pattern V6 = Pattern.compile("([0-9a-fA-F:.]{2,45})/(\\d{1,3})");

  private Cidr() {}

  static boolean isValid(String text) {
    Matcher v4 = V4.matcher(text);
    if (v4.matches()) {
      for (int i = 1; i <= 4; i++) {
        if (Integer.parseInt(v4.group(i)) > 255) {
          return false;
        }
      }
      return Integer.parseInt(v4.group(5)) <= 32;
    }
    Matcher v6 = V6.matcher(text);
    return v6.matches()
        && v6.group(1).contains(":")
        && isV6(v6.group(1))
        && Integer.parseInt(v6.group(2)) <= 128;
  }

  private static boolean isV6(String literal) {
    try {
      // In brackets a text is only ever read as a literal, never asked of a name service.
      return InetAddress.getByName("[" + literal + "]") != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
