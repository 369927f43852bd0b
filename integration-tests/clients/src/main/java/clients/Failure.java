package clients;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Something thrown.
 *
 * @param type name of its class
 * @param message its message; empty: none
 */
public record Failure(String type, String message) implements Serializable {
  private static final int DEEPEST = 20;

  /** A throwable and its causes, outermost first. */
  static List<Failure> chain(Throwable thrown) {
    List<Failure> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null && chain.size() < DEEPEST; t = t.getCause()) {
      String message = t.getMessage();
      chain.add(new Failure(t.getClass().getName(), message == null ? "" : message));
    }
    return List.copyOf(chain);
  }
}
