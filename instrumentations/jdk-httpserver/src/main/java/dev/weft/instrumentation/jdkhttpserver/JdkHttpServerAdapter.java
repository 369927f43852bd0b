package dev.weft.instrumentation.jdkhttpserver;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.ServerExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ListIterator;
import org.jspecify.annotations.Nullable;

/** Carries the mesh's decisions out on the JDK's HTTP server. */
final class JdkHttpServerAdapter {
  private JdkHttpServerAdapter() {}

  /**
   * Whether this step of a filter chain brings a request into the application: the server links the
   * chain of the user's filters to its own by a private handler, and the first step of that chain
   * is the first code of the application that sees the request.
   */
  static boolean enters(ListIterator<Filter> filters, HttpHandler handler) {
    return JdkServer.links(handler) && filters.nextIndex() == 0;
  }

  /**
   * Begins a request.
   *
   * @return null: no mesh; else the handling as second element, and as first whether it is over
   */
  static Object @Nullable [] begin(HttpExchange exchange) throws IOException {
    ServerExchange begun =
        Mesh.server().begin(JdkHttpServerInstrumentation.NAME, new ReceivedRequest(exchange));
    if (begun == null) {
      return null;
    }
    if (begun.last()) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
    LocalReply refusal = begun.refusal();
    if (refusal == null) {
      return new Object[] {null, new Handling(exchange, begun)};
    }
    try {
      reply(exchange, refusal);
    } finally {
      begun.end(refusal.status(), null);
    }
    return new Object[] {refusal, null};
  }

  private static void reply(HttpExchange exchange, LocalReply refusal) throws IOException {
    byte[] body = refusal.body();
    boolean head = exchange.getRequestMethod().equals("HEAD");
    for (HeaderField field : refusal.fields()) {
      exchange.getResponseHeaders().add(field.name(), field.value());
    }
    exchange.sendResponseHeaders(refusal.status(), head ? -1 : body.length);
    if (!head) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
    exchange.close();
  }

  static void started(@Nullable ServerSocketChannel channel) {
    if (channel != null) {
      Mesh.server().covers(local(channel), JdkHttpServerInstrumentation.NAME);
    }
  }

  static void stopped(@Nullable ServerSocketChannel channel) {
    if (channel != null) {
      Mesh.server().uncovers(local(channel), JdkHttpServerInstrumentation.NAME);
    }
  }

  private static InetSocketAddress local(ServerSocketChannel channel) {
    return (InetSocketAddress) channel.socket().getLocalSocketAddress();
  }
}
