package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.HeaderChange;
import java.util.List;
import okhttp3.Headers;

/** Applies header edits to the library's immutable headers. */
final class HeaderEdits {
  private HeaderEdits() {}

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
