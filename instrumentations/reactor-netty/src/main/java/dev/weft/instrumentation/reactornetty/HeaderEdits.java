package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.HeaderChange;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** What the mesh asks of Netty's headers, and what it does to them. */
final class HeaderEdits {
  private HeaderEdits() {}

  /** Netty makes two lists of nothing for a header that is missing, as most that are asked for. */
  static List<String> values(HttpHeaders headers, String name) {
    return headers.contains(name) ? headers.getAll(name) : List.of();
  }

  static void apply(HttpHeaders headers, List<HeaderChange> changes) {
    for (int i = 0; i < changes.size(); i++) { // for each request: without an iterator
      HeaderChange change = changes.get(i);
      switch (change.kind()) {
        case SET -> headers.set(change.name(), change.value());
        case ADD -> headers.add(change.name(), change.value());
        case REMOVE -> headers.remove(change.name());
      }
    }
  }
}
