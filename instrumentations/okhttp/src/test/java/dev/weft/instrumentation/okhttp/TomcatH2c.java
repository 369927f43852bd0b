package dev.weft.instrumentation.okhttp;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;

/** An endpoint that speaks HTTP/2 in plaintext, and tells what it was asked for. */
final class TomcatH2c implements AutoCloseable {
  private final Tomcat tomcat = new Tomcat();
  private final Connector connector = new Connector();
  private final CountDownLatch release = new CountDownLatch(1);

  TomcatH2c(String name, Path folder) throws Exception {
    tomcat.setBaseDir(folder.resolve(name).toString());
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.addUpgradeProtocol(new Http2Protocol());
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(
            context,
            "echo",
            new HttpServlet() {
              private static final long serialVersionUID = 1;

              @Override
              protected void service(HttpServletRequest request, HttpServletResponse response)
                  throws IOException {
                answer(name, request, response);
              }
            })
        .addMapping("/");
    tomcat.start();
  }

  private void answer(String name, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    // Else Tomcat resets the stream behind its answer, and OkHttp may see that before the body.
    request.getInputStream().readAllBytes();
    if (List.of("/slow", "/slow-" + name).contains(request.getRequestURI())) {
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (request.getRequestURI().equals("/broken-" + name)) {
      response.setStatus(503);
    }
    String query = request.getQueryString();
    String port = request.getServerPort() == 80 ? "" : ":" + request.getServerPort();
    response
        .getWriter()
        .write(
            name
                + " "
                + request.getRequestURI()
                + (query == null ? "" : "?" + query)
                + " "
                + request.getServerName()
                + port
                + " "
                + request.getHeader("traceparent"));
  }

  int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() throws Exception {
    release.countDown();
    tomcat.stop();
    tomcat.destroy();
  }
}
