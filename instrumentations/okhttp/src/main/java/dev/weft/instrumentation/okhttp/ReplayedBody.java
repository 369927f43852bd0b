package dev.weft.instrumentation.okhttp;

import java.io.IOException;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** Makes requests whose body two threads may write at once, which no application expects. */
final class ReplayedBody {
  private ReplayedBody() {}

  /**
   * The same request with a copy of its body.
   *
   * @return null: the body cannot be had now, or is not as long as it says
   */
  static @Nullable Request in(Request request) {
    RequestBody body = request.body();
    if (body == null) {
      return request;
    }
    Buffer copy = new Buffer();
    try {
      body.writeTo(copy);
      if (copy.size() != body.contentLength()) {
        return null;
      }
    } catch (IOException e) {
      return null; // the attempt will meet it, too
    }
    return request
        .newBuilder()
        .method(request.method(), RequestBody.create(copy.readByteArray(), body.contentType()))
        .build();
  }
}
