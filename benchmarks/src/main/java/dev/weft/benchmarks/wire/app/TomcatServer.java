package dev.weft.benchmarks.wire.app;

import dev.weft.benchmarks.ground.app.Commands;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** Tomcat with its NIO connector and its own defaults, but that connections never time out. */
public final class TomcatServer {
  private static final String FOREVER_MILLIS = "3600000";

  private TomcatServer() {}

  /**
   * Serves on a free port of the loopback interface.
   *
   * @param args transport, folder of certificates
   */
  public static void main(String[] args) throws Exception {
    Tomcat tomcat = new Tomcat();
    Path base = Files.createTempDirectory(Path.of(args[1]), "tomcat");
    tomcat.setBaseDir(base.toString());
    Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
    connector.setPort(0);
    connector.setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setProperty("keepAliveTimeout", FOREVER_MILLIS);
    connector.setProperty("connectionTimeout", FOREVER_MILLIS);
    if (Transport.valueOf(args[0]) == Transport.JSSE) {
      secure(connector, Certificates.of(Path.of(args[1]), "server"));
    }
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", base.toString());
    Tomcat.addServlet(context, "answers", new Answers());
    context.addServletMapping("/", "answers");
    tomcat.start();
    new Commands().serve("port=" + connector.getLocalPort());
  }

  private static void secure(Connector connector, Certificates own) throws Exception {
    SSLHostConfig host = new SSLHostConfig();
    host.setProtocols("TLSv1.3");
    host.setCiphers("TLS_AES_128_GCM_SHA256");
    host.setCertificateVerification("required");
    host.setTrustStore(own.trustStore());
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
    certificate.setCertificateFile(own.chain().toString());
    certificate.setCertificateKeyFile(own.key().toString());
    host.addCertificate(certificate);
    connector.setSecure(true);
    connector.setScheme("https");
    connector.setProperty("SSLEnabled", "true");
    connector.addSslHostConfig(host);
  }

  private static final class Answers extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final byte[] JSON = Content.json();
    private static final byte[] PIECE = new byte[Content.PIECE_BYTES];

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      OutputStream out = response.getOutputStream();
      if (request.getRequestURI().equals(Content.BULK)) {
        response.setContentLength(Content.BULK_BYTES);
        for (int left = Content.BULK_BYTES; left > 0; left -= PIECE.length) {
          out.write(PIECE);
        }
      } else {
        response.setContentType("application/json");
        response.setContentLength(JSON.length);
        out.write(JSON);
      }
    }
  }
}
