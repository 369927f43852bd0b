package dev.weft.instrumentation.reactornetty;

import dev.weft.instrumentation.HeaderChange;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** Applies header edits to Netty's headers. */
final class HeaderEdits {
  private HeaderEdits() {}

  static void apply(HttpHeaders headers, List<HeaderChange> changes) {
    for (HeaderChange change : changes) {
      switch (change.kind()) {
        case SET -> headers.set(change.name(), change.value());
        case ADD -> headers.add(change.name(), change.value());
        case REMOVE -> headers.remove(change.name());
      }
    }
  }
}
