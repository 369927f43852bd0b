package dev.weft.server.operator;

import dev.weft.server.state.StateFolder;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The operator token that every server has from its first start: the file {@code operator.token},
 * in the clear, for whoever may read the state folder. It has the role {@link Role#OPERATOR}.
 */
public final class BootstrapToken {
  private static final String FILE = "operator.token";

  private BootstrapToken() {}

  /** The token of a state folder; created where there is none. */
  static String in(StateFolder state, SecureRandom random) throws IOException {
    return state.locked(
        () -> {
          Optional<String> known = read(state);
          if (known.isPresent()) {
            return known.get();
          }
          byte[] bytes = new byte[32];
          random.nextBytes(bytes);
          String secret = HexFormat.of().formatHex(bytes);
          state.write(FILE, secret + "\n");
          return secret;
        });
  }

  /** The token's text, for commands that call the server. */
  public static Optional<String> read(StateFolder state) throws IOException {
    return state.readText(FILE).map(String::strip).filter(text -> !text.isEmpty());
  }
}
