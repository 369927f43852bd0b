package dev.weft.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** The secret that people and their programs show. Immutable; thread-safe. */
public final class OperatorToken {
  private static final String FILE = "operator.token";
  private static final String BEARER = "Bearer ";

  private final byte[] secret;

  private OperatorToken(String secret) {
    this.secret = secret.getBytes(UTF_8);
  }

  /** The token of a state folder; created where there is none. */
  public static OperatorToken in(StateFolder state, SecureRandom random) throws IOException {
    return state.locked(
        () -> {
          Optional<String> known = read(state);
          if (known.isPresent()) {
            return new OperatorToken(known.get());
          }
          byte[] bytes = new byte[32];
          random.nextBytes(bytes);
          String secret = HexFormat.of().formatHex(bytes);
          state.write(FILE, secret + "\n");
          return new OperatorToken(secret);
        });
  }

  /** The token's text, for commands that call the server. */
  public static Optional<String> read(StateFolder state) throws IOException {
    return state.readText(FILE).map(String::strip).filter(text -> !text.isEmpty());
  }

  void require(Optional<String> authorization) throws Refusal {
    String given =
        authorization
            .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            .map(header -> header.substring(BEARER.length()).strip())
            .orElse("");
    if (!MessageDigest.isEqual(secret, given.getBytes(UTF_8))) {
      throw new Refusal(
          Kind.UNAUTHENTICATED,
          "operator-token",
          given.isEmpty()
              ? "This needs the operator token: Authorization: Bearer <operator.token>."
              : "The operator token is wrong.");
    }
  }
}
