package app;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.coyote.http2.Http2Protocol;

/**
 * An embedded Tomcat, of whichever version the class path holds, that also speaks HTTP/2 without
 * TLS. Answers as {@link Echo}; to {@code GET /server} with its version.
 */
public final class TomcatEcho extends HttpServlet {
  private static final long serialVersionUID = 1L;

  /** Prints {@code listening <port>}. */
  public static void main(String[] args) throws Exception {
    Path base = Files.createTempDirectory("tomcat-echo");
    base.toFile().deleteOnExit();
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    Connector connector = new Connector();
    connector.setPort(Integer.parseInt(System.getenv().getOrDefault("PORT", "0")));
    connector.setProperty("address", "127.0.0.1");
    connector.addUpgradeProtocol(new Http2Protocol());
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", base.toString());
    Tomcat.addServlet(context, "echo", new TomcatEcho());
    context.addServletMapping("/*", "echo");
    tomcat.start();
    System.out.println("listening " + connector.getLocalPort());
    tomcat.getServer().await();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if ("/server".equals(request.getRequestURI())) {
      response.getWriter().print(ServerInfo.getServerInfo());
    } else if (request.getContentLengthLong() > 0) {
      byte[] body = request.getInputStream().readAllBytes();
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    } else {
      response.getWriter().print("hello");
    }
  }
}
