package dev.weft.agent.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TransportsTest {
  private static final String EPOLL = "io.netty.channel.epoll.Epoll";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final InetAddress address = InetAddress.getLoopbackAddress();
  private final Transports transports =
      new Transports(
          host -> host.equals("orders") ? new InetAddress[] {address} : null,
          new Log(LogLevel.INFO, new PrintStream(out, true, StandardCharsets.UTF_8)));

  @Test
  void whatIsSteeredIsSaidOnce() {
    transports.steered(EPOLL);
    transports.steered(EPOLL);

    assertThat(transports.status()).isEqualTo(Map.of(EPOLL, "steered to NIO"));
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .contains("INFO native transport steered to NIO class=" + EPOLL);
  }

  @Test
  void aRefusalCountsMore() {
    transports.steered(EPOLL);
    transports.refused(EPOLL);
    transports.refused(EPOLL);
    transports.steered(EPOLL);

    assertThat(transports.status()).isEqualTo(Map.of(EPOLL, "refused"));
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .last()
        .asString()
        .contains("WARN native transport refused class=" + EPOLL);
  }

  @Test
  void onlyHostsOfTheMeshHaveAddresses() {
    assertThat(transports.resolve("orders")).containsExactly(address);
    assertThat(transports.resolve("elsewhere")).isEmpty();
  }
}
