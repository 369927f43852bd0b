package dev.weft.instrumentation.httpclient5;

import java.util.ArrayList;
import java.util.List;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;

/** A request of a story. */
record Ask(String method, String uri, String body, List<Header> headers, boolean streamed) {
  Ask(String method, String uri, String body, List<Header> headers) {
    this(method, uri, body, headers, false);
  }

  static Ask get(String path, String... headers) {
    List<Header> fields = new ArrayList<>();
    for (int i = 0; i < headers.length; i += 2) {
      fields.add(new BasicHeader(headers[i], headers[i + 1]));
    }
    return new Ask("GET", "http://pay:8080" + path, null, fields);
  }

  static Ask post(String path, String body) {
    return new Ask("POST", "http://pay:8080" + path, body, List.of());
  }

  /** Its body can be sent once. */
  static Ask stream(String path, String body) {
    return new Ask("POST", "http://pay:8080" + path, body, List.of(), true);
  }
}
