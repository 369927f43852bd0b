package dev.weft.instrumentation.okhttp;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** Makes the library's own response of a reply that no endpoint gave. */
final class LocalResponse {
  private LocalResponse() {}

  static Response of(LocalReply reply, Request request) {
    Headers.Builder headers = new Headers.Builder();
    for (HeaderField field : reply.fields()) {
      headers.addUnsafeNonAscii(field.name(), field.value());
    }
    byte[] body = reply.body();
    headers.set("Content-Length", Integer.toString(body.length));
    long now = System.currentTimeMillis();
    return new Response.Builder()
        .request(request)
        .protocol(Protocol.HTTP_1_1)
        .code(reply.status())
        .message("Mesh")
        .headers(headers.build())
        .body(ResponseBody.create(request.method().equals("HEAD") ? new byte[0] : body, null))
        .sentRequestAtMillis(now)
        .receivedResponseAtMillis(now)
        .build();
  }
}
