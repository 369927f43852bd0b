package dev.weft.instrumentation.httpclient5;

import java.nio.charset.StandardCharsets;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/** What a story got. */
record Got(HttpResponse response, String body) {
  static Got of(HttpResponse response, byte[] body) {
    return new Got(response, body == null ? "" : new String(body, StandardCharsets.UTF_8));
  }

  int status() {
    return response.getCode();
  }

  String header(String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? null : header.getValue();
  }
}
