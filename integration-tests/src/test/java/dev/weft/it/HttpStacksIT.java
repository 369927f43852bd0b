package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Program;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every client library reaches every server by its mesh name, in a mesh without plaintext. */
@OnEachJdk
class HttpStacksIT {
  @Parameter private Jdk jdk;

  private static final int LARGE = 8 << 20;
  private static final Map<String, String> VIRTUAL = Map.of("THREADS", "virtual");

  private static final Map<String, Client> CLIENTS = new TreeMap<>();
  private static TestMesh mesh;

  @BeforeParameterizedClassInvocation
  static void start(Jdk jdk) throws IOException, InterruptedException {
    mesh =
        TestMesh.start(
            "http-stacks", jdk, Documents.strict("httpserver", "tomcat10", "tomcat11", "virtual"));
    mesh.serve(TestMesh.server("httpserver", "app.Echo"));
    mesh.serve(TestMesh.server("tomcat10", "app.TomcatEcho"));
    mesh.serve(
        Program.of("tomcat11", List.of("-cp", Built.programsWithTomcat11(), "app.TomcatEcho")));
    if (virtualThreads(jdk)) {
      mesh.serve(TestMesh.server("virtual", "app.Echo").with(VIRTUAL));
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    CLIENTS.clear();
    mesh.close();
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource({
    "sync, httpserver",
    "async, httpserver",
    "urlconnection, httpserver",
    "sync, tomcat10",
    "async, tomcat10",
    "urlconnection, tomcat10",
    "h2c, tomcat10",
    "sync, tomcat11",
    "h2c, tomcat11"
  })
  void largeBodiesPassUnchangedInBothDirections(String stack, String server) throws Exception {
    Client client = client(stack);
    String url = "http://" + server + "/";
    TestMesh.eventually(() -> assertThat(client.get(url).body()).endsWith("hello"));

    Answer answer = client.get(url, "size=" + LARGE);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).endsWith("same " + LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tomcat10", "tomcat11"})
  void anUpgradeToHttp2Succeeds(String server) throws Exception {
    Client client = client("h2c");
    String url = "http://" + server + "/";
    TestMesh.eventually(() -> assertThat(client.get(url).status()).isEqualTo(200));

    assertThat(client.get(url).body()).isEqualTo("HTTP_2 hello");
  }

  @Test
  void theTomcat11IsOne() throws Exception {
    Client client = client("sync");

    TestMesh.eventually(
        () -> assertThat(client.get("http://tomcat11/server").body()).contains("Apache Tomcat/11"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sync", "urlconnection"})
  void virtualThreadsAreServedOnBothEnds(String stack) throws Exception {
    assumeTrue(virtualThreads(jdk), "virtual threads came with JDK 21");
    Client client =
        mesh.call(
            TestMesh.probe("virtual-" + stack, stack)
                .with(Map.of("STACK", stack, "THREADS", "virtual")));
    TestMesh.eventually(() -> assertThat(client.get("http://virtual/").status()).isEqualTo(200));

    Answer answer = client.get("http://virtual/", "size=" + LARGE);

    assertThat(answer.body()).endsWith("same " + LARGE);
  }

  private static boolean virtualThreads(Jdk jdk) {
    return jdk.feature() >= 21;
  }

  private Client client(String stack) throws IOException, InterruptedException {
    Client client = CLIENTS.get(stack);
    if (client == null) {
      client = mesh.call(TestMesh.probe("client-" + stack, stack));
      CLIENTS.put(stack, client);
    }
    return client;
  }
}
