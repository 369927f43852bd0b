package app.chaos;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/** An embedded Tomcat. */
final class TomcatServer implements Server {
  private static final String CONNECTION = "chaos.connection";

  @Override
  public int start(int port, int idleSeconds, Function<Received, Reply> application)
      throws Exception {
    Path base = Files.createTempDirectory("chaos-tomcat");
    base.toFile().deleteOnExit();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    Connector connector = new Connector();
    connector.setPort(port);
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxThreads", Integer.toString(THREADS));
    connector.setProperty("minSpareThreads", Integer.toString(THREADS));
    connector.setProperty("keepAliveTimeout", Integer.toString(idleSeconds * 1000));
    connector.setProperty("maxKeepAliveRequests", "-1");
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", base.toString());
    context.getPipeline().addValve(new Connections());
    Tomcat.addServlet(context, "application", new Application(application));
    context.addServletMapping("/*", "application");
    tomcat.start();
    return connector.getLocalPort();
  }

  /** Keeps at hand what a servlet does not see. */
  private static final class Connections extends ValveBase {
    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      request.setAttribute(CONNECTION, request.getCoyoteRequest());
      getNext().invoke(request, response);
    }
  }

  private static final class Application extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Function<Received, Reply> application;

    Application(Function<Received, Reply> application) {
      this.application = application;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] body = request.getInputStream().readAllBytes();
      Reply reply =
          application.apply(
              new Received(request.getMethod(), request.getRequestURI(), request::getHeader, body));
      byte[] answer = reply.bytes();
      if (reply.fate() != Reply.Fate.NEVER_SENT) {
        response.setStatus(reply.status());
        response.setContentLength(answer.length);
        boolean whole = reply.fate() == Reply.Fate.SENT;
        response.getOutputStream().write(answer, 0, whole ? answer.length : answer.length / 2);
        response.flushBuffer();
      }
      if (reply.fate() != Reply.Fate.SENT) {
        ((org.apache.coyote.Request) request.getAttribute(CONNECTION))
            .action(ActionCode.CLOSE_NOW, new IOException("ends the connection"));
      }
    }
  }
}
