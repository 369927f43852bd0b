package dev.weft.instrumentation.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Connections that become another protocol's, as those of WebSockets do. */
@Timeout(60)
class UpgradeTest {
  private static final Logger TOMCAT_LOG = Logger.getLogger("org.apache");
  @RegisterExtension static final Woven WOVEN = Woven.by(new TomcatInstrumentation());

  private final FakeServerMesh mesh = new FakeServerMesh();
  private final Tomcat tomcat = new Tomcat();
  @TempDir private Path base;

  @BeforeAll
  static void beQuiet() {
    TOMCAT_LOG.setLevel(Level.OFF);
  }

  @BeforeEach
  void start() throws Exception {
    Mesh.install(new FakeClientMesh(), mesh);
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(0);
    Context context = tomcat.addContext("", base.toString());
    Tomcat.addServlet(context, "upgrading", new Upgrading()).addMapping("/");
    tomcat.getConnector();
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  @Test
  void anUpgradeIsARequestAndWhatFollowsIsNone() throws Exception {
    try (Socket socket = asking("/open")) {
      assertThat(head(socket)).startsWith("HTTP/1.1 101 ");
      await()
          .untilAsserted(
              () -> assertThat(mesh.events).containsExactly("begin GET /open", "end 101"));

      // Even what looks like another request, to a place that nobody may ask for.
      String said = "GET /secret HTTP/1.1\r\nHost: x\r\n\r\n";
      send(socket, said);

      assertThat(socket.getInputStream().readNBytes(said.length())).asString().isEqualTo(said);
      assertThat(mesh.events).containsExactly("begin GET /open", "end 101");
    }
  }

  @Test
  void aRefusedUpgradeDoesNotReachTheApplication() throws Exception {
    try (Socket socket = asking("/secret")) {
      assertThat(head(socket))
          .startsWith("HTTP/1.1 403 ")
          .contains("x-weft-reason: UAEX; AuthorizationPolicy test/none");
    }
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).containsExactly("begin GET /secret", "end 403"));
  }

  private Socket asking(String path) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
    send(
        socket,
        "GET " + path + " HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n");
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String head(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("after " + head).isNotNegative();
      head.append((char) next);
    }
    return head.toString();
  }

  private static final class Upgrading extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException {
      response.setHeader("Upgrade", "echo");
      response.setHeader("Connection", "Upgrade");
      request.upgrade(Echo.class);
    }
  }

  /** Says what it hears. */
  public static final class Echo implements HttpUpgradeHandler {
    @Override
    public void init(WebConnection connection) {
      try {
        ServletInputStream in = connection.getInputStream();
        in.setReadListener(new Heard(in, connection.getOutputStream()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void destroy() {}
  }

  private record Heard(ServletInputStream in, ServletOutputStream out) implements ReadListener {
    @Override
    public void onDataAvailable() throws IOException {
      byte[] some = new byte[1024];
      while (in.isReady()) {
        int read = in.read(some);
        if (read < 0) {
          return;
        }
        out.write(some, 0, read);
        out.flush();
      }
    }

    @Override
    public void onAllDataRead() {}

    @Override
    public void onError(Throwable failure) {}
  }
}
