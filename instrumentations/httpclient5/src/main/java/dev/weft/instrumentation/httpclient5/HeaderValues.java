package dev.weft.instrumentation.httpclient5;

import java.util.ArrayList;
import java.util.List;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;
import org.jspecify.annotations.Nullable;

/** Reads headers of a message of the library. */
final class HeaderValues {
  private HeaderValues() {}

  /** In order; the name has any case. */
  static List<String> of(MessageHeaders message, String name) {
    Header[] headers = message.getHeaders(name);
    if (headers.length == 0) { // as most that the mesh asks for
      return List.of();
    }
    List<String> values = new ArrayList<>(headers.length);
    for (Header header : headers) {
      values.add(value(header));
    }
    return values;
  }

  static @Nullable String first(MessageHeaders message, String name) {
    Header header = message.getFirstHeader(name);
    return header == null ? null : value(header);
  }

  /** A header may have no value. */
  static String value(Header header) {
    return header.getValue() == null ? "" : header.getValue();
  }
}
