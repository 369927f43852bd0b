package app.chaos;

import java.util.function.UnaryOperator;

/**
 * A request, whole.
 *
 * @param headers the first value of each; null: there is none
 */
record Received(String method, String path, UnaryOperator<String> headers, byte[] body) {
  /** Empty: there is none. */
  String header(String name) {
    String value = headers.apply(name);
    return value == null ? "" : value;
  }
}
