package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.Settings.TlsProvider;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ChosenTlsTest {
  private static final String SHOP = "spiffe://cluster.local/ns/default/sa/shop";
  private static final InetSocketAddress REMOTE = new InetSocketAddress("127.0.0.1", 1);

  private final IdentityStore identities = new IdentityStore();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private ChosenTls auto(boolean mayHaveIdentity) {
    return ChosenTls.of(
        TlsProvider.AUTO,
        mayHaveIdentity,
        identities,
        Thread.currentThread().getThreadGroup(),
        new Log(LogLevel.INFO, new PrintStream(said, true, StandardCharsets.UTF_8)));
  }

  /**
   * So that no native library is loaded for nothing; what needs an engine is refused, not plain.
   */
  @Test
  void whereNoIdentityWillBeEveryHandshakeFailsAndNothingIsLoaded() {
    ChosenTls tls = auto(false);

    assertThatThrownBy(tls::server)
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("no mesh identity yet");
    assertThatThrownBy(() -> tls.client(null, REMOTE)).isInstanceOf(SSLException.class);
    assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void whereAnIdentityMayComeTheProviderIsSaidAndServesIt() throws Exception {
    ChosenTls tls = auto(true);
    identities.publish(TestAuthority.create().identity(SHOP));

    assertThat(tls.server()).isNotNull();
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(said.toString(StandardCharsets.UTF_8)).contains("mesh tls provider="));
  }
}
