package dev.weft.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.json.Json;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectionRecordTest {
  private static final InetSocketAddress US = new InetSocketAddress("10.0.0.1", 40_000);
  private static final InetSocketAddress PAY = new InetSocketAddress("10.0.0.7", 5432);
  private static final InetSocketAddress VIRTUAL = new InetSocketAddress("240.0.0.1", 7);
  private static final String PAY_ID = "spiffe://cluster.local/ns/default/sa/pay";
  private static final Instant BEGAN = Instant.parse("2026-11-25T21:26:18.409123Z");

  private static ConnectionRecord outbound(String service, String flags, String reason) {
    return new ConnectionRecord(
        true, service, 5432, US, PAY, VIRTUAL, PAY_ID, flags, reason, BEGAN, 20, 120, 2344);
  }

  @Test
  void textIsIstiosLineForTcp() {
    assertThat(outbound("pay.default.svc.cluster.local", "-", "").text())
        .isEqualTo(
            "[2026-11-25T21:26:18.409Z] \"- - -\" 0 - - - \"-\" 120 2344 20 - \"-\" \"-\" \"-\" \"-\""
                + " \"10.0.0.7:5432\" outbound|5432||pay.default.svc.cluster.local 10.0.0.1:40000"
                + " 240.0.0.1:7 10.0.0.1:40000 - -");
  }

  @Test
  void anInboundLineNamesThePortInsteadOfAService() {
    ConnectionRecord inbound =
        new ConnectionRecord(
            false, "", 5432, PAY, US, null, "", "UAEX", "refused by \"x\"", BEGAN, 1, 0, 0);

    assertThat(inbound.text())
        .isEqualTo(
            "[2026-11-25T21:26:18.409Z] \"- - -\" 0 UAEX - - \"refused by 'x'\" 0 0 1 - \"-\" \"-\""
                + " \"-\" \"-\" \"10.0.0.7:5432\" inbound|5432|| - 10.0.0.7:5432 10.0.0.1:40000 - -");
  }

  @Test
  void jsonHasIstiosKeysAndThePeer() throws Exception {
    Map<String, Object> keys = Json.object(outbound("pay.default", "UF", "the reason").json());

    assertThat(keys)
        .containsEntry("start_time", "2026-11-25T21:26:18.409Z")
        .containsEntry("bytes_received", 120L)
        .containsEntry("bytes_sent", 2344L)
        .containsEntry("duration", 20L)
        .containsEntry("response_code", 0L)
        .containsEntry("response_flags", "UF")
        .containsEntry("upstream_host", "10.0.0.7:5432")
        .containsEntry("upstream_cluster", "outbound|5432||pay.default")
        .containsEntry("downstream_local_address", "240.0.0.1:7")
        .containsEntry("upstream_transport_failure_reason", "the reason")
        .containsEntry("peer_principal", PAY_ID)
        .containsEntry("method", null);
  }
}
