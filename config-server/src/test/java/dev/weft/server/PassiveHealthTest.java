package dev.weft.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weft.server.TestAgent.Stream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What agents say of endpoints that they cannot connect to, from the report to the snapshots. */
class PassiveHealthTest {
  @TempDir Path folder;
  private TestServer server;
  private int port;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.in(folder);
    try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = nobody.getLocalPort(); // whoever connects there is refused from now on
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Stream pay(String address) throws Exception {
    TestAgent pay = TestAgent.enrolled(server, "pay");
    Map<String, Object> body = pay.watchBody("pay", pay.instance(), "", List.of(port));
    Map<String, Object> workload = new LinkedHashMap<>();
    ((Map<?, ?>) body.get("workload")).forEach((key, value) -> workload.put("" + key, value));
    workload.put("address", address);
    body.put("workload", workload);
    return pay.watch(body);
  }

  private boolean suspects() throws Exception {
    return server.get("/v1/services").toString().contains("SUSPECT");
  }

  private void complain(TestAgent agent, String address) throws Exception {
    assertThat(agent.report(Map.of("unreachable", List.of(address + ":" + port))).status())
        .isEqualTo(200);
  }

  @Test
  void oneIdentityAndARefusedConnectOfTheServerMakeAnEndpointSuspect() throws Exception {
    TestAgent web = TestAgent.enrolled(server, "web");
    try (Stream one = pay("127.0.0.1");
        Stream other = pay("127.0.0.2");
        Stream webs = web.watch("web")) {
      complain(web, "127.0.0.1");

      await().atMost(Duration.ofSeconds(20)).until(this::suspects);
      assertThat(server.log())
          .anyMatch(line -> line.contains("not reached by its clients on ports [" + port + "]"));
    }
  }

  @Test
  void oneIdentityAloneIsNotEnoughAndASecondIs() throws Exception {
    TestAgent web = TestAgent.enrolled(server, "web");
    TestAgent orders = TestAgent.enrolled(server, "orders");
    try (Stream one = pay("127.0.0.1");
        Stream other = pay("127.0.0.2");
        Stream webs = web.watch("web");
        Stream ofOrders = orders.watch("orders")) {
      // The server knocks only where a workload's agent connects from, and that is 127.0.0.1.
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                complain(web, "127.0.0.2");
                return !suspects();
              });

      complain(orders, "127.0.0.2");
      await().atMost(Duration.ofSeconds(20)).until(this::suspects);
    }
  }
}
