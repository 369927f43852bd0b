package dev.weft.policy;

/**
 * A SPIFFE ID of the form {@code spiffe://<trust domain>/ns/<namespace>/sa/<service account>}.
 * Immutable.
 *
 * @see <a href="https://spiffe.io/docs/latest/spiffe-specs/spiffe-id/">SPIFFE-ID, section 2</a>
 */
public record SpiffeId(String trustDomain, String namespace, String serviceAccount) {
  private static final int MAX_LENGTH = 2048;
  private static final String SCHEME = "spiffe://";
  private static final String NAMESPACE = "/ns/";
  private static final String ACCOUNT = "/sa/";

  /** Checks the parts; see {@link #parse}. */
  public SpiffeId {
    segment("trust domain", trustDomain, true);
    segment("namespace", namespace, false);
    segment("service account", serviceAccount, false);
  }

  /**
   * Parses an ID strictly: no percent coding, no empty or dot segment, no query, no port, no user.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static SpiffeId parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("SPIFFE ID is longer than " + MAX_LENGTH + " bytes");
    }
    if (!text.startsWith(SCHEME)) {
      throw new IllegalArgumentException("not a SPIFFE ID: \"" + text + "\"");
    }
    int domainEnd = text.indexOf('/', SCHEME.length());
    int namespaceEnd =
        text.startsWith(NAMESPACE, Math.max(0, domainEnd))
            ? text.indexOf('/', domainEnd + NAMESPACE.length())
            : -1;
    int account = namespaceEnd + ACCOUNT.length();
    if (namespaceEnd < 0
        || !text.startsWith(ACCOUNT, namespaceEnd)
        || text.indexOf('/', account) >= 0) {
      throw new IllegalArgumentException(
          "expected spiffe://<trust domain>/ns/<namespace>/sa/<service account>, found \""
              + text
              + "\"");
    }
    return new SpiffeId(
        text.substring(SCHEME.length(), domainEnd),
        text.substring(domainEnd + NAMESPACE.length(), namespaceEnd),
        text.substring(account));
  }

  private static void segment(String what, String text, boolean lowerCase) {
    if (text.isEmpty() || text.equals(".") || text.equals("..")) {
      throw new IllegalArgumentException("empty or relative " + what + " in SPIFFE ID");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ok =
          (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '-'
              || c == '_'
              || (!lowerCase && c >= 'A' && c <= 'Z');
      if (!ok) {
        throw new IllegalArgumentException(
            "illegal character '" + c + "' in the " + what + " of a SPIFFE ID");
      }
    }
  }

  /** The principal of Istio's policies: the ID without {@code spiffe://}. */
  public String principal() {
    return trustDomain + "/ns/" + namespace + "/sa/" + serviceAccount;
  }

  @Override
  public String toString() {
    return SCHEME + principal();
  }
}
