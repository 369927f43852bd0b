package shop;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;

/** The shop's front: a servlet in an embedded Tomcat that calls orders with {@link HttpClient}. */
public final class Web extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final URI ORDERS = Env.url("ORDERS_URL", "http://orders");

  private final transient HttpClient client = HttpClient.newHttpClient();

  /**
   * {@code ORDERS_URL} and {@code PORT} come from the environment; with {@code H2C=true} it speaks
   * HTTP/2 without TLS, too.
   */
  public static void main(String[] args) throws IOException, LifecycleException {
    InetSocketAddress bind = Env.bind();
    Path base = Files.createTempDirectory("shop-web");
    base.toFile().deleteOnExit();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    Connector connector = new Connector();
    connector.setPort(bind.getPort());
    connector.setProperty("address", bind.getAddress().getHostAddress());
    if (Boolean.parseBoolean(Env.text("H2C", "false"))) {
      connector.addUpgradeProtocol(new Http2Protocol());
    }
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", base.toString());
    Tomcat.addServlet(context, "web", new Web());
    context.addServletMapping("/*", "web");
    tomcat.start();
    Env.listening(connector.getLocalPort());
    tomcat.getServer().await();
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    HttpRequest.Builder order = HttpRequest.newBuilder(ORDERS.resolve("/order"));
    String tester = request.getHeader("x-tester");
    if (tester != null) {
      order.header("x-tester", tester);
    }
    response.setContentType("application/json");
    try {
      HttpResponse<String> answer = client.send(order.build(), BodyHandlers.ofString());
      response.setStatus(answer.statusCode());
      response.getWriter().print("{\"service\":\"web\",\"orders\":" + json(answer.body()) + "}");
    } catch (IOException e) {
      response.setStatus(HttpServletResponse.SC_BAD_GATEWAY);
      response
          .getWriter()
          .print("{\"service\":\"web\",\"error\":" + Json.quote(e.toString()) + "}");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What orders said; a refusal on the way there may be text. */
  private static String json(String body) {
    return body.startsWith("{") ? body : Json.quote(body);
  }
}
