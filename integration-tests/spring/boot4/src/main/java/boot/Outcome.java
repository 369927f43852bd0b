package boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.springframework.http.ResponseEntity;

/**
 * What an application got for a request.
 *
 * @param status HTTP status; 0: none
 * @param headers by lower-case name, several values behind each other
 * @param body the response's; empty: none
 * @param failures class names of what was thrown and of its causes; empty: nothing
 */
record Outcome(int status, Map<String, String> headers, String body, List<String> failures) {
  static Outcome of(ResponseEntity<String> response) {
    String body = response.getBody();
    return of(
        response.getStatusCode().value(), response.getHeaders()::forEach, body == null ? "" : body);
  }

  static Outcome of(
      int status, Consumer<BiConsumer<String, Iterable<String>>> headers, String body) {
    Map<String, String> flat = new TreeMap<>();
    headers.accept(
        (name, values) -> flat.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
    return new Outcome(status, flat, body, List.of());
  }

  /** The same, which the library told by throwing something. */
  Outcome with(Throwable failure) {
    List<String> chain = new ArrayList<>();
    for (Throwable one = failure; one != null; one = one.getCause()) {
      chain.add(one.getClass().getName());
    }
    return new Outcome(status, headers, body, chain);
  }

  /** No response, but a failure. */
  static Outcome of(Throwable failure) {
    return new Outcome(0, Map.of(), "", List.of()).with(failure);
  }
}
