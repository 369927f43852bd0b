package dev.weft.policy.document;

import java.util.Optional;
import java.util.regex.Pattern;

/** Key sets (RFC 7517), looked at before they are handed to every workload. Stateless. */
public final class KeySetText {
  /** Keys that only their owner may know (RFC 7518, section 6). */
  private static final Pattern SECRET =
      Pattern.compile("\"kty\"\\s*:\\s*\"oct\"|\"(?:d|k)\"\\s*:\\s*\"");

  private KeySetText() {}

  /** What is wrong with it at first sight; empty: nothing. Agents read it for good. */
  public static Optional<String> problem(String jwks) {
    if (!jwks.strip().startsWith("{") || !jwks.contains("\"keys\"")) {
      return Optional.of("expected a key set such as {\"keys\": [...]} (RFC 7517)");
    }
    return SECRET.matcher(jwks).find()
        ? Optional.of(
            "holds a private or a shared key; every workload would get it. Only public keys belong"
                + " here")
        : Optional.empty();
  }
}
