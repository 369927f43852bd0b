package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Child;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.LocalMesh;
import dev.weft.server.demo.PlaintextProbe;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No config server when a program starts. */
@OnEachJdk
class LateServerIT {
  private final Jdk jdk;

  LateServerIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aClosedAgentRefusesPlaintextUntilTheServerAppears() throws Exception {
    String refused = plaintextBeforeTheServerAppears("closed");

    assertThat(PlaintextProbe.refused(refused)).as(refused).isTrue();
  }

  @Test
  void anOpenAgentLetsPlaintextPassUntilTheServerAppears() throws Exception {
    String accepted = plaintextBeforeTheServerAppears("open");

    assertThat(PlaintextProbe.accepted(accepted)).as(accepted).isTrue();
  }

  /** Also sees that the mesh works, and refuses plaintext, once the server is there. */
  private String plaintextBeforeTheServerAppears(String onFailure) throws Exception {
    try (TestMesh mesh = TestMesh.start("late-" + onFailure, jdk, Documents.strict("echo"))) {
      LocalMesh local = mesh.local();
      String token = local.token("echo", "echo", 1);
      String callersToken = local.token("caller", "caller", 1);
      local.killServer();
      Map<String, String> settings =
          Map.of("WEFT_ON_FAILURE", onFailure, "WEFT_STARTUP_WAIT", "500ms");
      Child echo =
          mesh.expectComplaints(local.run(TestMesh.server("echo", "app.Echo"), token, settings));
      InetSocketAddress address = LocalMesh.address(echo);
      String seen = PlaintextProbe.send(address);

      local.startServer();
      Client caller =
          TestMesh.ready(local.run(TestMesh.probe("caller", "sync"), callersToken, settings));
      TestMesh.eventually(() -> assertThat(caller.get("http://echo/").status()).isEqualTo(200));
      assertThat(PlaintextProbe.refused(PlaintextProbe.send(address))).isTrue();
      return seen;
    }
  }
}
