package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HeaderChange;
import java.util.List;
import org.apache.hc.core5.http.HttpMessage;

/** Applies header edits to a message of the library, in place. */
final class HeaderEdits {
  private HeaderEdits() {}

  static void apply(HttpMessage message, List<HeaderChange> changes) {
    for (HeaderChange change : changes) {
      switch (change.kind()) {
        case SET -> {
          message.removeHeaders(change.name()); // so that the document's spelling is sent
          message.addHeader(change.name(), change.value());
        }
        case ADD -> message.addHeader(change.name(), change.value());
        case REMOVE -> message.removeHeaders(change.name());
      }
    }
  }
}
