package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.Program;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * What someone on the wire sees. The workload says that it is reached at 127.0.0.2, where a relay
 * listens and hands on to 127.0.0.1.
 */
@OnEachJdk
@EnabledOnOs(value = OS.LINUX, disabledReason = "127.0.0.2 needs no set-up only on Linux")
class WireCaptureIT {
  private static final String ELSEWHERE = "127.0.0.2";
  private static final String MARKER = "a-secret-on-the-wire";

  private final Jdk jdk;

  WireCaptureIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void nothingReadableCrossesTheWire() throws Exception {
    assertThat(crossing("STRICT")).doesNotContain(MARKER).doesNotContain("HTTP/1.1");
  }

  @Test
  void withoutTheMeshEverythingWouldBeReadable() throws Exception {
    assertThat(crossing("DISABLE")).contains(MARKER).contains("HTTP/1.1 200");
  }

  private String crossing(String mode) throws Exception {
    Map<String, String> documents =
        Documents.with(
            Documents.strict("echo"), "security.yaml", Documents.peerAuthentication(mode));
    try (TestMesh mesh = TestMesh.start("wire-" + mode.toLowerCase(), jdk, documents)) {
      Program echo = TestMesh.server("echo", "app.Echo").with(Map.of("WEFT_ADDRESS", ELSEWHERE));
      Child server = mesh.serve(echo);
      InetSocketAddress address = LocalMesh.address(server);
      try (Relay relay = Relay.open(ELSEWHERE, address)) {
        Client client = mesh.call(TestMesh.probe("caller", "sync"));
        TestMesh.eventually(
            () ->
                assertThat(client.get("http://echo/" + MARKER).body()).isEqualTo("HTTP_1_1 hello"));
        assertThat(relay.seen()).as("traffic through the relay").isNotEmpty();
        return relay.seen();
      }
    }
  }
}
