package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.HeaderChange;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Applies header edits to the client's immutable headers. */
final class HeaderEdits {
  private HeaderEdits() {}

  static HttpHeaders apply(HttpHeaders headers, List<HeaderChange> changes) {
    if (changes.isEmpty()) {
      return headers;
    }
    Map<String, List<String>> edited = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    edited.putAll(headers.map());
    for (HeaderChange change : changes) {
      switch (change.kind()) {
        case SET -> {
          edited.remove(change.name()); // so that the document's spelling of the name is sent
          edited.put(change.name(), List.of(change.value()));
        }
        case ADD -> {
          List<String> values = new ArrayList<>(edited.getOrDefault(change.name(), List.of()));
          values.add(change.value());
          edited.put(change.name(), values);
        }
        case REMOVE -> edited.remove(change.name());
      }
    }
    return HttpHeaders.of(edited, (name, value) -> true);
  }
}
