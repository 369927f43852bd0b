package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HeaderChange;
import java.util.List;
import org.apache.hc.core5.http.HttpMessage;

/** Applies header edits to a message of the library, in place. */
final class HeaderEdits {
  private HeaderEdits() {}

  static void apply(HttpMessage message, List<HeaderChange> changes) {
    for (int i = 0; i < changes.size(); i++) { // without an iterator, once or twice per request
      HeaderChange change = changes.get(i);
      switch (change.kind()) {
        case SET -> {
          remove(message, change.name()); // so that the document's spelling is sent
          message.addHeader(change.name(), change.value());
        }
        case ADD -> message.addHeader(change.name(), change.value());
        case REMOVE -> remove(message, change.name());
      }
    }
  }

  /** Mostly there is none, which is seen without an iterator. */
  private static void remove(HttpMessage message, String name) {
    if (message.containsHeader(name)) {
      message.removeHeaders(name);
    }
  }
}
