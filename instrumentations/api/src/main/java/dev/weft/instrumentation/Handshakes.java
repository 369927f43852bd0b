package dev.weft.instrumentation;

import dev.weft.bootstrap.MeshHandshakeException;
import org.jspecify.annotations.Nullable;

/** Tells by a library's failure what became of a connection. Stateless. */
public final class Handshakes {
  /** Causes of causes that are looked at; a failure may be its own. */
  private static final int DEEPEST = 32;

  private Handshakes() {}

  /**
   * Whether the wire layer refused the connection, so that on a connection opened for the request
   * no byte of the application has left.
   */
  public static boolean failed(@Nullable Throwable failure) {
    Throwable each = failure;
    for (int depth = 0; each != null && depth < DEEPEST; depth++) {
      if (each instanceof MeshHandshakeException) {
        return true;
      }
      each = each.getCause();
    }
    return false;
  }
}
