package dev.weft.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.server.demo.Answer;
import dev.weft.server.demo.Client;
import dev.weft.server.demo.Load;
import dev.weft.server.demo.Tally;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Certificates that live for seconds are renewed, and nobody notices. */
@OnEachJdk
class ShortCertificatesIT {
  private static final int LIFE_SECONDS = 20;

  private final Jdk jdk;

  ShortCertificatesIT(Jdk jdk) {
    this.jdk = jdk;
  }

  @Test
  void aRenewedCertificateFailsNoRequest() throws Exception {
    try (TestMesh mesh =
        TestMesh.start(
            "short-certificates",
            jdk,
            Documents.strict("echo"),
            "--svid-ttl",
            LIFE_SECONDS + "s")) {
      mesh.serve(TestMesh.server("echo", "app.Echo"));
      Client caller = mesh.call(TestMesh.probe("caller", "urlconnection"));
      TestMesh.eventually(() -> assertThat(caller.get("http://echo/").status()).isEqualTo(200));

      Load load = TestMesh.keepCalling(caller, "http://echo/", 2);
      // The first certificates are dead by then.
      Duration longerThanALife = Duration.ofSeconds(LIFE_SECONDS + 5);
      Awaitility.await()
          .during(longerThanALife)
          .atMost(longerThanALife.plusSeconds(10))
          .until(() -> true);
      List<Answer> answers = load.stop();

      assertThat(answers).hasSizeGreaterThan(100);
      assertThat(Tally.failures(answers)).isEmpty();
      // A new connection proves that the certificates in force are good ones.
      Client newcomer = mesh.call(TestMesh.probe("newcomer", "sync"));
      TestMesh.eventually(() -> assertThat(newcomer.get("http://echo/").status()).isEqualTo(200));
    }
  }
}
