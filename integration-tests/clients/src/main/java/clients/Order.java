package clients;

import java.util.List;

/**
 * A request to send.
 *
 * @param id chosen by whoever orders
 * @param headers to add, in this order
 * @param timeoutMillis the application's own limit for the response, as the library has it; 0: none
 */
public record Order(
    long id,
    Setup setup,
    String method,
    String uri,
    List<Header> headers,
    Body body,
    int timeoutMillis,
    Reading reading)
    implements Command {
  /** What the application does with a response's body. */
  public enum Reading {
    /** It reads all of it. */
    ALL,
    /** It closes the response without reading. */
    CLOSE
  }

  /** Whether it is a WebSocket to open, whose first message is the body; by the URI. */
  public boolean opensWebSocket() {
    return uri.startsWith("ws:");
  }
}
