package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.impl.BasicEntityDetails;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.jspecify.annotations.Nullable;

/** Makes the library's own response of a reply of the mesh. */
final class LocalResponse {
  private LocalResponse() {}

  /** Fills the head in, as if a server had sent it by this version. */
  static void fill(HttpResponse response, ProtocolVersion version, LocalReply reply) {
    response.setVersion(version);
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

  /** Plays a reply to what handles an exchange of an asynchronous client. */
  static void deliver(
      LocalReply reply,
      String method,
      AsyncClientExchangeHandler handler,
      HttpClientContext context)
      throws HttpException, IOException {
    HttpResponse response = new BasicHttpResponse(reply.status());
    fill(response, context.getProtocolVersion(), reply);
    byte[] bytes = body(method, reply);
    if (bytes.length == 0) {
      handler.consumeResponse(response, null, context);
      return;
    }
    handler.consumeResponse(
        response, new BasicEntityDetails(bytes.length, type(response)), context);
    handler.updateCapacity(more -> {});
    handler.consume(ByteBuffer.wrap(bytes));
    handler.streamEnd(null);
  }

  /** Null: it says none. */
  static @Nullable ContentType type(HttpResponse response) {
    String type = HeaderValues.first(response, HttpHeaders.CONTENT_TYPE);
    return type == null ? null : ContentType.parse(type);
  }

  private static boolean mayHaveBody(int status) {
    return status >= HttpStatus.SC_SUCCESS
        && status != HttpStatus.SC_NO_CONTENT
        && status != HttpStatus.SC_NOT_MODIFIED;
  }
}
