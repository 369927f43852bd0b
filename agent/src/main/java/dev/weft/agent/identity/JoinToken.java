package dev.weft.agent.identity;

import dev.weft.agent.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What proves this workload to the authority once: {@code weft1.<id>.<secret>.<pin>}, or a foreign
 * token (Kubernetes) without pin. Immutable. Its text is a secret.
 *
 * @param pin SHA-256 of the root certificate's DER, 32 bytes; empty without
 */
public record JoinToken(String text, Optional<byte[]> pin) {
  private static final String OWN = "weft1.";

  /**
   * Parses a token.
   *
   * @throws IllegalArgumentException when it looks like ours but is cut or mistyped; never shows it
   */
  public static JoinToken parse(String text) {
    String token = text.strip();
    if (token.isEmpty()) {
      throw new IllegalArgumentException("the join token is empty");
    }
    if (!token.startsWith(OWN)) {
      return new JoinToken(token, Optional.empty());
    }
    String[] parts = token.split("\\.", -1);
    if (parts.length == 4 && parts[1].matches("[0-9a-f]{8}") && parts[2].matches("[0-9a-f]{32}")) {
      try {
        byte[] pin = Base64.getUrlDecoder().decode(parts[3]);
        if (pin.length == 32) {
          return new JoinToken(token, Optional.of(pin));
        }
      } catch (IllegalArgumentException e) {
        // The message below says all.
      }
    }
    throw new IllegalArgumentException(
        "the join token is damaged: expected weft1.<id>.<secret>.<pin>, as weft token create"
            + " printed it");
  }

  /**
   * The token of the settings, the file read anew; null when there is none.
   *
   * @throws IOException when the file cannot be read
   * @throws IllegalArgumentException as {@link #parse}
   */
  public static @Nullable JoinToken of(Settings settings) throws IOException {
    if (settings.token().isPresent()) {
      return parse(settings.token().get());
    }
    if (settings.tokenFile().isPresent()) {
      Path file = settings.tokenFile().get();
      try {
        return parse(Files.readString(file));
      } catch (IOException e) {
        throw new IOException("cannot read weft.token.file " + file + ": " + e.getMessage(), e);
      }
    }
    return null;
  }

  /** Never the secret. */
  @Override
  public String toString() {
    return text.startsWith(OWN) ? text.substring(0, Math.min(text.length(), 14)) + "..." : "token";
  }
}
