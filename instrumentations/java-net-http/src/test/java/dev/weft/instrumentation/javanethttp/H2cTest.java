package dev.weft.instrumentation.javanethttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Woven;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 by upgrade, against a server that speaks it. */
@Timeout(60)
class H2cTest {
  private static final Logger TOMCAT_LOG = Logger.getLogger("org.apache");

  private final FakeClientMesh mesh = new FakeClientMesh();
  private final HttpClient client = HttpClient.newHttpClient();
  @TempDir private Path base;
  @RegisterExtension static final Woven WOVEN = Woven.by(new JavaNetHttpInstrumentation());
  private Tomcat one;
  private Tomcat two;

  @BeforeEach
  void start() throws Exception {
    TOMCAT_LOG.setLevel(Level.OFF);
    Mesh.install(mesh, new FakeServerMesh());
    one = server("one");
    two = server("two");
    mesh.ports.add(one.getConnector().getLocalPort());
  }

  @AfterEach
  void stop() throws Exception {
    for (Tomcat each : List.of(one, two)) {
      if (each.getServer().getState() != LifecycleState.DESTROYED) {
        each.stop();
        each.destroy();
      }
    }
  }

  private Tomcat server(String name) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.resolve(name).toString());
    tomcat.setPort(0);
    tomcat.getConnector().addUpgradeProtocol(new Http2Protocol());
    Context context = tomcat.addContext("", base.toString());
    Tomcat.addServlet(
            context,
            "all",
            new HttpServlet() {
              private static final long serialVersionUID = 1;

              @Override
              protected void doGet(HttpServletRequest request, HttpServletResponse response)
                  throws IOException {
                response
                    .getWriter()
                    .write(
                        name
                            + " host="
                            + request.getServerName()
                            + " trace="
                            + request.getHeader("traceparent"));
              }
            })
        .addMapping("/");
    tomcat.start();
    return tomcat;
  }

  private HttpResponse<String> get() throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://pay/")).build(), BodyHandlers.ofString());
  }

  @Test
  void upgradesPerEndpointAndKeepsTheLogicalHost() throws Exception {
    mesh.requestHeaders = List.of(new HeaderChange(HeaderChange.Kind.SET, "traceparent", "00-abc"));

    assertThat(get().body()).isEqualTo("one host=pay trace=00-abc");
    HttpResponse<String> second = get();
    assertThat(second.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(second.body()).isEqualTo("one host=pay trace=00-abc");

    mesh.ports.set(0, two.getConnector().getLocalPort());
    assertThat(get().body()).startsWith("two ");
  }

  @Test
  void goesToAnotherEndpointWhenAnUpgradedConnectionIsGone() throws Exception {
    get();
    assertThat(get().version()).isEqualTo(HttpClient.Version.HTTP_2);
    mesh.ports.add(two.getConnector().getLocalPort());

    one.stop();
    one.destroy();

    assertThat(get().body()).startsWith("two ");
  }
}
