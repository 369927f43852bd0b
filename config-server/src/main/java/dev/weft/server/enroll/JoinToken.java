package dev.weft.server.enroll;

import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an operator hands to a workload: {@code weft1.<id>.<secret>.<pin>}. Immutable.
 *
 * @param id 8 hex digits, may be logged
 * @param secret 32 hex digits, never logged and never stored
 * @param pin base64url of SHA-256 of the root certificate, by which the agent knows the server
 */
public record JoinToken(String id, String secret, String pin) {
  private static final Pattern SHAPE =
      Pattern.compile("weft1\\.([0-9a-f]{8})\\.([0-9a-f]{32})\\.([A-Za-z0-9_-]{43})");

  /**
   * Reads a token.
   *
   * @throws Refusal {@code token-malformed}, without repeating the text
   */
  public static JoinToken parse(String text) throws Refusal {
    Matcher matcher = SHAPE.matcher(text.strip());
    if (!matcher.matches()) {
      throw new Refusal(
          Kind.UNAUTHENTICATED,
          "token-malformed",
          "The join token is not of the form weft1.<id>.<secret>.<pin>.");
    }
    return new JoinToken(matcher.group(1), matcher.group(2), matcher.group(3));
  }

  /** The text that an operator hands out. */
  public String text() {
    return "weft1." + id + "." + secret + "." + pin;
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "join token " + id;
  }
}
