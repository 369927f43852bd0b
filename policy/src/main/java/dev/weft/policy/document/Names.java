package dev.weft.policy.document;

import java.util.regex.Pattern;

/** The shapes of names in Kubernetes and HTTP. */
public final class Names {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+\\-.^_`|~]{1,256}");
  private static final int LONGEST = 253;
  private static final int LONGEST_VALUE = 4096;

  private Names() {}

  /** A label of DNS (RFC 1123): names of Services, namespaces, ports. */
  public static boolean isLabel(String text) {
    return LABEL.matcher(text).matches();
  }

  /** A name of DNS: names of most documents. */
  static boolean isSubdomain(String text) {
    // Length first: the pattern is not linear.
    return text.length() <= LONGEST && SUBDOMAIN.matcher(text).matches();
  }

  /** One host by its DNS name, as clients write it into a TLS hello (RFC 6066, section 3). */
  public static boolean isHost(String text) {
    return isSubdomain(text) && !text.matches("[0-9.]+");
  }

  /** A field name of HTTP (RFC 9110, section 5.1). */
  static boolean isHeader(String text) {
    return HEADER.matcher(text).matches();
  }

  /** A field value of HTTP: a line break would let it smuggle a header of its own. */
  static boolean isHeaderValue(String text) {
    return text.length() <= LONGEST_VALUE && text.chars().noneMatch(c -> c < ' ' && c != '\t');
  }
}
