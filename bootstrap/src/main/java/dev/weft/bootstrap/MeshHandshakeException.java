package dev.weft.bootstrap;

import java.net.ConnectException;

/**
 * The mesh could not establish a connection: the peer proved no or another identity, or policy
 * refused it. No byte of the application has left. A {@link ConnectException}, because to the
 * application that is what happened.
 */
public final class MeshHandshakeException extends ConnectException {
  private static final long serialVersionUID = 1L;

  /** A failure with a sentence that names both identities and the rule. */
  public MeshHandshakeException(String message) {
    super(message);
  }
}
