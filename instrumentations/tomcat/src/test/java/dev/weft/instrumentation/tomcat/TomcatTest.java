package dev.weft.instrumentation.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.Mesh;
import dev.weft.instrumentation.testing.FakeClientMesh;
import dev.weft.instrumentation.testing.FakeServerMesh;
import dev.weft.instrumentation.testing.Weaver;
import dev.weft.instrumentation.testing.Woven;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.catalina.valves.RemoteIpValve;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TomcatTest {
  private static final Logger TOMCAT_LOG = Logger.getLogger("org.apache");
  @RegisterExtension static final Woven WOVEN = Woven.by(new TomcatInstrumentation());

  private final FakeServerMesh mesh = new FakeServerMesh();
  private final List<String> application = new CopyOnWriteArrayList<>();
  private final List<AsyncContext> parked = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
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
    tomcat.getConnector();
    RemoteIpValve forwarded = new RemoteIpValve();
    forwarded.setInternalProxies("127\\.0\\.0\\.1");
    tomcat.getEngine().getPipeline().addValve(forwarded);
    Context context = tomcat.addContext("", base.toString());
    Wrapper servlet = Tomcat.addServlet(context, "all", new Servlet());
    servlet.setAsyncSupported(true);
    servlet.addMapping("/");
    tomcat.start();
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  private int port() {
    return tomcat.getConnector().getLocalPort();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  @Test
  void runsOnTheTomcatThatTheBuildNames() {
    assertThat(ServerInfo.getServerNumber())
        .startsWith(System.getProperty("weft.tomcat.major", "10"));
  }

  @Test
  void everyWovenMethodExists() {
    assertThat(Weaver.unmatched(new TomcatInstrumentation(), TomcatTest.class.getClassLoader()))
        .isEmpty();
  }

  @Test
  void letsAllowedRequestsIn() throws Exception {
    assertThat(get("/open%20x?y=z").body()).isEqualTo("hello");
    assertThat(application).containsExactly("service in /open%20x");
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).containsExactly("begin GET /open%20x", "end 200"));
  }

  @Test
  void theLastResponseOfAConnectionSaysThatItIs() throws Exception {
    assertThat(get("/last").headers().firstValue("Connection")).contains("close");
    assertThat(get("/open").headers().firstValue("Connection")).isEmpty();
  }

  @Test
  void answersRefusedRequestsBeforeTheApplication() throws Exception {
    HttpResponse<String> response = get("/secret");

    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(response.body()).isEqualTo("not allowed\n");
    assertThat(response.headers().firstValue("x-weft-reason"))
        .contains("UAEX; AuthorizationPolicy test/none");
    assertThat(application).isEmpty();
    assertThat(get("/open").statusCode()).isEqualTo(200);
  }

  @Test
  void challengesWhoeverComesWithABadToken() throws Exception {
    HttpResponse<String> response = get("/token");

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate"))
        .contains("Bearer error=\"invalid_token\"");
    assertThat(get("/secret").headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  @Test
  void theApplicationSeesTheHeadersThatTheMeshSets() throws Exception {
    HttpRequest forged =
        request("/who?a=%20b")
            .header("x-user", "admin")
            .header("X-USER", "root")
            .header("x-token", "t")
            .header("x-other", "o")
            .build();
    client.send(forged, BodyHandlers.ofString());

    assertThat(mesh.events).contains("user set true", "token gone true");
    assertThat(mesh.seenQuery).isEqualTo("a=%20b");
    assertThat(application).contains("user [alice]", "token null", "other o");
  }

  @Test
  void seesThePeerOfTheSocketNotAForwardingHeader() throws Exception {
    HttpRequest forwarded = request("/open").header("X-Forwarded-For", "10.9.9.9").build();
    assertThat(client.send(forwarded, BodyHandlers.ofString()).statusCode()).isEqualTo(200);

    assertThat(application).containsExactly("service in /open");
    assertThat(mesh.seenRemote).startsWith("/127.0.0.1:").doesNotEndWith(":0");
    assertThat(mesh.seenLocalPort).isEqualTo(port());
  }

  @Test
  void reportsTheStatusOfAnApplicationThatThrew() throws Exception {
    assertThat(get("/throws").statusCode()).isEqualTo(500);
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).containsExactly("begin GET /throws", "end 500"));
  }

  @Test
  void endsWhenAnAsynchronousRequestIsComplete() throws Exception {
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(request("/later").build(), BodyHandlers.ofString());
    await().until(() -> !parked.isEmpty());
    assertThat(mesh.events).containsExactly("begin GET /later");

    AsyncContext async = parked.get(0);
    ((HttpServletResponse) async.getResponse()).setStatus(202);
    async.complete();

    assertThat(response.get().statusCode()).isEqualTo(202);
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).containsExactly("begin GET /later", "end 202"));
  }

  @Test
  void continuesTheSameRequestInAnAsynchronousDispatch() throws Exception {
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(request("/later").build(), BodyHandlers.ofString());
    await().until(() -> !parked.isEmpty());

    parked.get(0).dispatch("/dispatched");

    assertThat(response.get().body()).isEqualTo("hello");
    assertThat(application).containsExactly("service in /later", "service in /later");
    await()
        .untilAsserted(
            () -> assertThat(mesh.events).containsExactly("begin GET /later", "end 200"));
  }

  @Test
  void coversThePortFromStartToStop() throws Exception {
    assertThat(mesh.covered).containsExactly(port());

    tomcat.stop();

    assertThat(mesh.covered).isEmpty();
  }

  private final class Servlet extends HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws java.io.IOException {
      application.add("service in " + FakeServerMesh.current());
      if (request.getServletPath().equals("/who")) {
        application.add("user " + Collections.list(request.getHeaders("X-User")));
        application.add("token " + request.getHeader("X-Token"));
        application.add("other " + request.getHeader("X-Other"));
      }
      switch (request.getServletPath()) {
        case "/later" -> parked.add(request.startAsync());
        case "/throws" -> throw new IllegalStateException("broken");
        default -> response.getWriter().write("hello");
      }
    }
  }
}
