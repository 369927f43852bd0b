package dev.weft.agent.telemetry;

import dev.weft.agent.json.Json;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection that has ended, as the access log tells it. Immutable.
 *
 * @param outbound whether this workload has made it
 * @param service full name of the service that was called; empty: none that policy knows
 * @param port the server's port
 * @param local our end
 * @param remote the other end
 * @param asked what the application wanted to connect to; null: inbound
 * @param peer SPIFFE ID of the other end; empty: plaintext
 * @param flags Envoy's response flags; {@code -} when nothing went wrong
 * @param reason why the mesh has ended it; empty: it has not
 * @param began when it was accepted or connected
 * @param millis how long it lasted
 * @param received what the server has received, in bytes
 * @param sent what the server has sent, in bytes
 */
public record ConnectionRecord(
    boolean outbound,
    String service,
    int port,
    InetSocketAddress local,
    InetSocketAddress remote,
    @Nullable InetSocketAddress asked,
    String peer,
    String flags,
    String reason,
    Instant began,
    long millis,
    long received,
    long sent) {

  /**
   * Istio's default text; what a connection cannot have is {@code -}.
   *
   * @see <a href="https://istio.io/latest/docs/tasks/observability/logs/access-log/">Access
   *     logs</a>
   */
  String text() {
    return "["
        + time()
        + "] \"- - -\" 0 "
        + flags
        + " - - \""
        + (reason.isEmpty() ? "-" : reason.replace('"', '\''))
        + "\" "
        + received
        + " "
        + sent
        + " "
        + millis
        + " - \"-\" \"-\" \"-\" \"-\" \""
        + address(upstreamHost())
        + "\" "
        + cluster()
        + " "
        + (outbound ? address(local) : "-")
        + " "
        + address(downstreamLocal())
        + " "
        + address(outbound ? local : remote)
        + " - -";
  }

  /** Istio's keys, and the peer's identity. */
  String json() {
    Map<String, @Nullable Object> keys = new LinkedHashMap<>();
    keys.put("start_time", time());
    keys.put("method", null);
    keys.put("path", null);
    keys.put("protocol", null);
    keys.put("response_code", 0);
    keys.put("response_flags", flags);
    keys.put("response_code_details", null);
    keys.put("connection_termination_details", null);
    keys.put("upstream_transport_failure_reason", reason.isEmpty() ? null : reason);
    keys.put("bytes_received", received);
    keys.put("bytes_sent", sent);
    keys.put("duration", millis);
    keys.put("upstream_service_time", null);
    keys.put("x_forwarded_for", null);
    keys.put("user_agent", null);
    keys.put("request_id", null);
    keys.put("authority", null);
    keys.put("upstream_host", address(upstreamHost()));
    keys.put("upstream_cluster", cluster());
    keys.put("upstream_local_address", outbound ? address(local) : null);
    keys.put("downstream_local_address", address(downstreamLocal()));
    keys.put("downstream_remote_address", address(outbound ? local : remote));
    keys.put("requested_server_name", null);
    keys.put("route_name", null);
    keys.put("peer_principal", peer.isEmpty() ? null : peer);
    return Json.text(keys);
  }

  private String time() {
    return began.truncatedTo(ChronoUnit.MILLIS).toString();
  }

  private InetSocketAddress upstreamHost() {
    return outbound ? remote : local;
  }

  private InetSocketAddress downstreamLocal() {
    return outbound && asked != null ? asked : local;
  }

  private String cluster() {
    if (!outbound) {
      return "inbound|" + port + "||";
    }
    return service.isEmpty() ? "PassthroughCluster" : "outbound|" + port + "||" + service;
  }

  /** Without a look-up. */
  private static String address(InetSocketAddress address) {
    String host = address.getAddress() == null ? "-" : address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
