package dev.weft.instrumentation.httpclient5;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;

/** Says what it got, over HTTP/2 without TLS. */
final class H2Server implements AutoCloseable {
  private static final Logger TOMCAT_LOG = Logger.getLogger("org.apache");

  private final String name;
  private final Tomcat tomcat = new Tomcat();
  private final Set<Integer> peers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger failing = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);
  private volatile boolean silent;

  H2Server(String name) throws Exception {
    this.name = name;
    TOMCAT_LOG.setLevel(Level.OFF);
    Path base = Files.createTempDirectory("h2");
    base.toFile().deleteOnExit();
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(0);
    Http2Protocol http2 = new Http2Protocol();
    http2.setOverheadDataThreshold(0); // the client's short frames are no attack
    tomcat.getConnector().addUpgradeProtocol(http2);
    Context context = tomcat.addContext("", base.toString());
    Tomcat.addServlet(context, "all", new Echo()).addMapping("/");
    tomcat.start();
  }

  int port() {
    return tomcat.getConnector().getLocalPort();
  }

  int connections() {
    return peers.size();
  }

  void failNext(int count) {
    failing.set(count);
  }

  /** It takes requests and does not answer. */
  void silence() {
    silent = true;
  }

  @Override
  public void close() throws Exception {
    release.countDown();
    tomcat.stop();
    tomcat.destroy();
  }

  private final class Echo extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      peers.add(request.getRemotePort());
      String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (silent) {
        try {
          release.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      if (failing.getAndDecrement() > 0) {
        response.setStatus(503);
        response.getWriter().write("busy");
        return;
      }
      String query = request.getQueryString();
      response
          .getWriter()
          .write(
              name
                  + " "
                  + request.getMethod()
                  + " "
                  + request.getRequestURI()
                  + (query == null ? "" : "?" + query)
                  + " authority="
                  + request.getServerName()
                  + ":"
                  + request.getServerPort()
                  + " trace="
                  + request.getHeader("traceparent")
                  + " "
                  + request.getProtocol()
                  + " body="
                  + body);
    }
  }
}
