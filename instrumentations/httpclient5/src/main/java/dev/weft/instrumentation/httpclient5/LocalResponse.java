package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;

/** Makes the library's own response of a reply of the mesh. */
final class LocalResponse {
  private LocalResponse() {}

  /** Fills the head in. */
  static void fill(HttpResponse response, LocalReply reply) {
    for (HeaderField field : reply.fields()) {
      response.addHeader(field.name(), field.value());
    }
    if (mayHaveBody(reply.status())) {
      response.setHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(reply.body().length));
    }
  }

  /** The body for a request with the given method; empty: none. */
  static byte[] body(String method, LocalReply reply) {
    return Method.HEAD.isSame(method) || !mayHaveBody(reply.status()) ? new byte[0] : reply.body();
  }

  private static boolean mayHaveBody(int status) {
    return status >= HttpStatus.SC_SUCCESS
        && status != HttpStatus.SC_NO_CONTENT
        && status != HttpStatus.SC_NOT_MODIFIED;
  }
}
