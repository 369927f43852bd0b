package dev.weft.agent.wire;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.AccessLog;
import dev.weft.agent.telemetry.ConnectionEnds;
import dev.weft.agent.telemetry.ConnectionMetrics;
import dev.weft.agent.telemetry.ConnectionRecord;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.policy.Peer;
import dev.weft.policy.Service;
import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The books of all connections: which are open, how many there were, Istio's metrics, the access
 * log, and a line in the log for what was refused. Thread-safe.
 */
final class Ledger {
  private static final Duration REFUSAL_LOGGED_EVERY = Duration.ofSeconds(10);

  private static final int TRACED_FRAMES = 8;

  /** Different peers and ports that the status report tells apart. */
  private static final int MOST_SEEN = 10_000;

  private final Connections connections = new Connections();
  private final Map<Seen, LongAdder> seen = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();
  private final ConnectionMetrics metrics;
  private final AccessLog accessLog;
  private final Log log;
  private volatile Predicate<Flow> requestsReported = flow -> false;

  /** Peers and directions seen, for the status report. */
  private record Seen(String direction, String peer, int port) {}

  Ledger(Telemetry telemetry, Log log) {
    this.metrics = telemetry.connections();
    this.accessLog = telemetry.accessLog();
    this.log = log;
    metrics.beforeReading(() -> connections.all().forEach(one -> one.flow().handOver()));
  }

  /** Connections whose requests are counted one by one are not counted as TCP, as in Istio. */
  void requestsReportedBy(Predicate<Flow> covered) {
    requestsReported = covered;
  }

  Connections connections() {
    return connections;
  }

  void opened(LiveConnection connection) {
    connections.add(connection);
  }

  /** It is known who talks to whom, and allowed. */
  void settled(LiveConnection connection) {
    Flow flow = connection.flow();
    Peer peer = connection.peer();
    count(
        direction(flow), peer.spiffeId().map(SpiffeId::toString).orElse("plaintext"), flow.port());
    report(flow, peer);
    if (log.debugs()) {
      log.debug(
          "connection established direction="
              + direction(flow)
              + " remote="
              + flow.remote()
              + " peer="
              + peer.spiffeId().map(SpiffeId::toString).orElse("plaintext"));
    }
  }

  private void report(Flow flow, Peer peer) {
    if (!flow.reported() && !requestsReported.test(flow)) {
      flow.report(metrics.series(ends(flow, peer), flow.flags()));
    }
  }

  private static ConnectionEnds ends(Flow flow, Peer peer) {
    return new ConnectionEnds(flow.outbound(), peer, flow.service(), flow.endpoint());
  }

  /** A plaintext connection that has no session. */
  void passed(int port) {
    count("outbound", "plaintext", port);
  }

  /**
   * The mesh has ended it, or never let it begin.
   *
   * @param cause null: policy wanted it
   */
  void failed(LiveConnection connection, String reason, @Nullable Throwable cause) {
    Flow flow = connection.flow();
    flow.failed(flow.outbound() ? "UF" : cause == null ? "UAEX" : "DPE", reason);
    logRefusal(flow, reason);
    if (cause != null && log.debugs()) {
      log.debug("connection refused because of " + cause);
    }
  }

  /** An accepted connection has been closed at once. */
  void refused(Flow flow, String flags, String reason) {
    flow.failed(flags, reason);
    logRefusal(flow, reason);
    report(flow, Peer.PLAINTEXT);
    end(flow, Peer.PLAINTEXT);
  }

  /** One line for each peer and while, so that nobody can fill the log by knocking. */
  private void logRefusal(Flow flow, String reason) {
    refused.increment();
    log.repeated(
        LogLevel.WARN,
        "refused " + flow.remote().getAddress(),
        REFUSAL_LOGGED_EVERY,
        "connection refused " + reason);
  }

  /** The mesh itself has failed at a call of the application; a line for each kind and while. */
  void faulted(String call, Throwable fault) {
    log.repeated(
        LogLevel.ERROR,
        "fault " + call,
        REFUSAL_LOGGED_EVERY,
        "fault of the mesh itself call=" + call + " " + trace(fault));
  }

  /** Enough of a stack trace to find the place, in a line. */
  private static String trace(Throwable fault) {
    StringBuilder line = new StringBuilder(fault.toString());
    StackTraceElement[] stack = fault.getStackTrace();
    for (int i = 0; i < Math.min(stack.length, TRACED_FRAMES); i++) {
      line.append(" < ").append(stack[i]);
    }
    return line.toString();
  }

  /** A connect call has failed, at all endpoints. */
  void notConnected(Destination destination, Target target, String flags, String reason) {
    Service service = destination.service();
    ConnectionMetrics.Series series =
        metrics.series(new ConnectionEnds(true, Peer.PLAINTEXT, service, target.endpoint()), flags);
    series.opened();
    series.closed();
    if (log.debugs()) {
      log.debug("not connected to " + destination.asked() + ": " + reason);
    }
  }

  /** The application has closed it. */
  void closed(LiveConnection connection) {
    if (!connections.remove(connection)) {
      return;
    }
    Flow flow = connection.flow();
    report(flow, connection.peer()); // if it never settled
    end(flow, connection.peer());
  }

  private void end(Flow flow, Peer peer) {
    flow.end();
    if (accessLog.on()) {
      accessLog.connection(record(flow, peer));
    }
  }

  private static ConnectionRecord record(Flow flow, Peer peer) {
    Service service = flow.service();
    boolean outbound = flow.outbound();
    return new ConnectionRecord(
        outbound,
        service == null ? "" : fullName(service),
        flow.port(),
        flow.local(),
        flow.remote(),
        flow.asked(),
        peer.spiffeId().map(SpiffeId::toString).orElse(""),
        flow.flags(),
        flow.reason(),
        Instant.ofEpochMilli(flow.beganMillis()),
        TimeUnit.NANOSECONDS.toMillis(flow.ageNanos()),
        outbound ? flow.sent() : flow.received(),
        outbound ? flow.received() : flow.sent());
  }

  private static String fullName(Service service) {
    return service.hosts().isEmpty()
        ? service.key()
        : service.hosts().get(service.hosts().size() - 1);
  }

  private static String direction(Flow flow) {
    return flow.outbound() ? "outbound" : "inbound";
  }

  private void count(String direction, String peer, int port) {
    Seen key = new Seen(direction, peer, port);
    LongAdder known = seen.get(key);
    if (known == null) {
      Seen kept = seen.size() < MOST_SEEN ? key : new Seen(direction, "others", 0);
      known = seen.computeIfAbsent(kept, s -> new LongAdder());
    }
    known.increment();
  }

  /** Connections since the start by direction, peer and port: a list of plain maps. */
  Map<String, Object> status() {
    List<Map<String, Object>> rows = new ArrayList<>();
    seen.forEach(
        (key, count) -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("direction", key.direction());
          row.put("peer", key.peer());
          row.put("port", key.port());
          row.put("mtls", !key.peer().equals("plaintext"));
          row.put("count", count.sum());
          rows.add(row);
        });
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("connections", rows);
    status.put("refused", refused.sum());
    return status;
  }

  /** The open connections, the oldest first: plain maps. */
  List<Map<String, Object>> page() {
    List<LiveConnection> open = new ArrayList<>(connections.all());
    open.sort((a, b) -> Long.compare(b.flow().ageNanos(), a.flow().ageNanos()));
    List<Map<String, Object>> rows = new ArrayList<>(open.size());
    for (LiveConnection connection : open) {
      Flow flow = connection.flow();
      Service service = flow.service();
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("direction", direction(flow));
      row.put("local", text(flow.local()));
      row.put("remote", text(flow.remote()));
      row.put("service", service == null ? "" : service.key());
      row.put("state", connection.stage());
      row.put("peer", connection.peer().spiffeId().map(SpiffeId::toString).orElse(""));
      row.put("mtls", connection.peer().spiffeId().isPresent());
      row.putAll(connection.encryption());
      row.put("ageSeconds", TimeUnit.NANOSECONDS.toSeconds(flow.ageNanos()));
      row.put("received", flow.received());
      row.put("sent", flow.sent());
      if (!flow.reason().isEmpty()) {
        row.put("reason", flow.reason());
      }
      rows.add(row);
    }
    return rows;
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }
}
