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

  /** As the application gets them; the same object when there are no changes. */
  static HttpHeaders apply(HttpHeaders headers, List<HeaderChange> changes) {
    return changes.isEmpty()
        ? headers
        : HttpHeaders.of(edited(headers, changes), (name, value) -> true);
  }

  /**
   * As the client gets them, which checks and copies them itself; a copy here would be a second
   * one.
   */
  static HttpHeaders forClient(HttpHeaders headers, List<HeaderChange> changes) {
    return changes.isEmpty() ? headers : JdkClient.headers(edited(headers, changes));
  }

  /**
   * Whether the client would take each header of the edits as it is, without a look at it, and has
   * no default of its own for it.
   */
  static boolean plain(List<HeaderChange> changes) {
    for (int i = 0; i < changes.size(); i++) {
      HeaderChange change = changes.get(i);
      if (!token(change.name())
          || !visible(change.value())
          || change.name().equalsIgnoreCase("user-agent")) {
        return false;
      }
    }
    return true;
  }

  /** A name as those that are in use (RFC 9110, section 5.6.2, allows some more). */
  private static boolean token(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (c < '0' || c > '9') && c != '-') {
        return false;
      }
    }
    return !name.isEmpty();
  }

  /** Without the blanks that are to be stripped at the ends (RFC 9110, section 5.5). */
  private static boolean visible(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) <= ' ' || value.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  private static Map<String, List<String>> edited(HttpHeaders headers, List<HeaderChange> changes) {
    Map<String, List<String>> edited = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    edited.putAll(headers.map());
    for (int i = 0; i < changes.size(); i++) { // without an iterator, once per request
      HeaderChange change = changes.get(i);
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
    return edited;
  }
}
