package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.HeaderChange;
import java.util.List;
import okhttp3.Headers;
import okhttp3.Request;

/** Applies header edits to the library's immutable headers. */
final class HeaderEdits {
  private HeaderEdits() {}

  /**
   * The same within a request, which saves a copy.
   *
   * @return false: nothing was done; the library would refuse one of the values
   */
  static boolean apply(Request.Builder request, List<HeaderChange> changes) {
    // Lists are gone through without an iterator, once or twice per request.
    for (int i = 0; i < changes.size(); i++) {
      if (!ascii(changes.get(i).value())) {
        return false;
      }
    }
    for (int i = 0; i < changes.size(); i++) {
      HeaderChange change = changes.get(i);
      switch (change.kind()) {
        case SET -> request.header(change.name(), change.value());
        case ADD -> request.addHeader(change.name(), change.value());
        case REMOVE -> request.removeHeader(change.name());
      }
    }
    return true;
  }

  private static boolean ascii(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' || value.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  /** The same object when there are no changes. */
  static Headers apply(Headers headers, List<HeaderChange> changes) {
    if (changes.isEmpty()) {
      return headers;
    }
    Headers.Builder edited = headers.newBuilder();
    for (HeaderChange change : changes) {
      switch (change.kind()) {
        case SET ->
            edited.removeAll(change.name()).addUnsafeNonAscii(change.name(), change.value());
        case ADD -> edited.addUnsafeNonAscii(change.name(), change.value());
        case REMOVE -> edited.removeAll(change.name());
      }
    }
    return edited.build();
  }
}
