package dev.weft.policy.document;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** IP addresses as texts; no name is ever looked up. Stateless. */
public final class IpLiteral {
  private static final Pattern V4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.|$)){4}");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

  private IpLiteral() {}

  /** The one form of an address in which equal ones are equal texts; empty: it is none. */
  public static Optional<String> canonical(String text) {
    if (V4.matcher(text).matches() && !text.endsWith(".")) {
      return Optional.of(text);
    }
    if (!V6.matcher(text).matches() || !text.contains(":")) {
      return Optional.empty();
    }
    try {
      // In brackets a text is only ever read as a literal, never asked of a name service.
      return Optional.of(InetAddress.getByName("[" + text + "]").getHostAddress());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
