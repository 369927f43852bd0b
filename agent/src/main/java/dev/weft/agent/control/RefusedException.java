package dev.weft.agent.control;

import dev.weft.agent.identity.ControlTls.UntrustedServerException;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The server, or we ourselves, said no for a reason that trying again will not cure: a token that
 * is wrong or used up, an identity that is refused, a server that does not match its pin.
 */
class RefusedException extends IOException {
  private static final long serialVersionUID = 1;

  private final String code;

  RefusedException(String message) {
    this(message, "");
  }

  /**
   * A refusal by the server.
   *
   * @param code what it is called in the protocol; empty: nothing
   */
  RefusedException(String message, String code) {
    super(message);
    this.code = code;
  }

  RefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = "";
  }

  /** What the server calls the reason; empty: it was not the server, or it did not say. */
  String code() {
    return code;
  }

  /** The same failure, recognised if a TLS refusal hides in its causes. */
  static IOException recognised(IOException failure) {
    for (Throwable t : causes(failure)) {
      if (t instanceof UntrustedServerException) {
        return new RefusedException(String.valueOf(t.getMessage()), failure);
      }
      String message = t.getMessage();
      if (t instanceof SSLException
          && message != null
          && message.contains("Received fatal alert")) {
        return new RefusedException("the config server refused our certificate: " + message, t);
      }
    }
    return failure;
  }

  /** The first message in the causes; connect failures of the JDK's client have none on top. */
  static String describe(Throwable failure) {
    for (Throwable t : causes(failure)) {
      String message = t.getMessage();
      if (message != null && !message.isBlank() && !message.equals(String.valueOf(t.getCause()))) {
        return message;
      }
    }
    return failure.getClass().getSimpleName();
  }

  private static Set<Throwable> causes(Throwable failure) {
    Set<Throwable> causes = new LinkedHashSet<>();
    for (Throwable t = failure; t != null && causes.add(t); ) {
      t = t.getCause();
    }
    return causes;
  }
}
