package dev.weft.instrumentation.javanethttp;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/** Makes the client's own response of a reply of the mesh. Stateless. */
final class LocalResponse {
  private LocalResponse() {}

  /** With the body that the application's handler makes of the reply's. */
  static <T> CompletionStage<HttpResponse<T>> of(
      LocalReply reply, HttpRequest application, BodyHandler<T> handler) {
    Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (HeaderField field : reply.fields()) {
      fields.computeIfAbsent(field.name(), name -> new ArrayList<>()).add(field.value());
    }
    HttpHeaders headers = HttpHeaders.of(fields, (name, value) -> true);
    byte[] body = application.method().equals("HEAD") ? new byte[0] : reply.body();
    BodySubscriber<T> subscriber =
        handler.apply(new EditedResponseInfo(reply.status(), headers, HttpClient.Version.HTTP_1_1));
    subscriber.onSubscribe(new SingleBuffer(subscriber, body));
    return subscriber
        .getBody()
        .thenApply(
            value ->
                WebSockets.responseTo(
                    application,
                    MeshResponse.local(reply.status(), application, headers, value),
                    null));
  }
}
