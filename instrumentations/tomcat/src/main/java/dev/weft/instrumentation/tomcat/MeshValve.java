package dev.weft.instrumentation.tomcat;

import dev.weft.instrumentation.HeaderField;
import dev.weft.instrumentation.LocalReply;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.ServerExchange;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

/**
 * First valve of the engine's pipeline: authorises a request before any code of the application or
 * its configuration sees it, makes its trace current, and reports its outcome. Thread-safe.
 *
 * <p>It implements the bare interface instead of extending {@code ValveBase}, so that it appears in
 * no JMX tree and has no life cycle.
 */
public final class MeshValve implements Valve {
  /** Note under which a request carries its exchange from one asynchronous dispatch to the next. */
  private static final String EXCHANGE = "dev.weft.exchange";

  private volatile @Nullable Valve next;

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    // Notes outlive the request (Tomcat reuses its objects), so only a dispatch may look at them.
    if (request.isAsyncDispatching()
        && request.getNote(EXCHANGE) instanceof ServerExchange continued) {
      pass(continued, request, response);
      return;
    }
    ServerExchange begun =
        Mesh.server().begin(TomcatInstrumentation.NAME, new ReceivedRequest(request));
    if (begun == null) {
      following().invoke(request, response);
      return;
    }
    if (begun.last() && request.getProtocol().startsWith("HTTP/1.")) {
      response.setHeader("Connection", "close");
    }
    LocalReply refusal = begun.refusal();
    if (refusal != null) {
      try {
        reply(response, refusal);
      } finally {
        begun.end(refusal.status(), null);
      }
      return;
    }
    request.setNote(EXCHANGE, begun);
    pass(begun, request, response);
  }

  private void pass(ServerExchange exchange, Request request, Response response)
      throws IOException, ServletException {
    Throwable thrown = null;
    try (ServerExchange.Scope scope = exchange.attach()) {
      following().invoke(request, response);
    } catch (IOException | ServletException | RuntimeException | Error e) {
      thrown = e;
      throw e;
    } finally {
      if (!(thrown == null && request.isAsync() && awaitsCompletion(exchange, request, response))) {
        request.removeNote(EXCHANGE);
        exchange.end(response.getStatus(), thrown);
      }
    }
  }

  private static boolean awaitsCompletion(
      ServerExchange exchange, Request request, Response response) {
    AsyncListener end = new CompletionListener(exchange, response);
    try {
      request.getAsyncContextInternal().addListener(end);
      return true;
    } catch (IllegalStateException e) {
      return false; // it completed meanwhile
    }
  }

  private static void reply(Response response, LocalReply refusal) throws IOException {
    byte[] body = refusal.body();
    response.setStatus(refusal.status());
    for (HeaderField field : refusal.fields()) {
      response.addHeader(field.name(), field.value());
    }
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private Valve following() {
    Valve following = next;
    if (following == null) {
      throw new IllegalStateException("the engine's pipeline has no basic valve");
    }
    return following;
  }

  @Override
  public @Nullable Valve getNext() {
    return next;
  }

  @Override
  public void setNext(@Nullable Valve valve) {
    next = valve;
  }

  @Override
  public void backgroundProcess() {}

  @Override
  public boolean isAsyncSupported() {
    return true;
  }
}
