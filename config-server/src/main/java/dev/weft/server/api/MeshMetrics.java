package dev.weft.server.api;

import dev.weft.policy.document.DocumentStatus;
import dev.weft.server.distribution.AgentState;
import dev.weft.server.metrics.ServerMetrics;
import dev.weft.server.registry.Registration;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the parts of a mesh count, as metrics. One more is one line here. */
public final class MeshMetrics {
  private MeshMetrics() {}

  /** Shows the metrics of a mesh. */
  public static void addTo(ServerMetrics metrics, Mesh mesh) {
    mesh(metrics, mesh);
    certificates(metrics, mesh);
    clocks(metrics, mesh);
    telemetry(metrics, mesh);
  }

  private static void mesh(ServerMetrics metrics, Mesh mesh) {
    metrics.gauge(
        "weft_server_workloads",
        "Registered workloads.",
        () -> mesh.registry().registrations().size());
    metrics.gauges("weft_server_agents", "Agents by state.", sink -> agents(mesh, sink), "state");
    metrics.gauges(
        "weft_server_documents",
        "Policy documents by kind and condition.",
        sink -> documents(mesh, sink),
        "kind",
        "condition");
    metrics.gauge(
        "weft_server_policy_diagnostics",
        "What is wrong with documents and workloads.",
        () -> mesh.distribution().state().diagnostics().size());
    metrics.gauge(
        "weft_server_compiler_failing",
        "1 while the compiler itself fails and the last snapshots stay in force.",
        () -> mesh.distribution().state().failure().isEmpty() ? 0 : 1);
    metrics.counter(
        "weft_server_snapshots_pushed_total",
        "Snapshots handed to streams.",
        () -> mesh.distribution().pushes());
    metrics.counter(
        "weft_server_snapshots_refused_total",
        "Snapshots refused by agents.",
        () -> mesh.distribution().nacks());
    metrics.counter(
        "weft_server_snapshots_whole_total",
        "Snapshots handed to streams that carried everything, not only what changed.",
        () -> mesh.distribution().stats().whole());
    metrics.counter(
        "weft_server_compilations_total",
        "Compilations of policy and workloads.",
        () -> mesh.distribution().stats().compilations());
    metrics.counter(
        "weft_server_acknowledgements_total",
        "Versions that agents acknowledged.",
        () -> mesh.distribution().stats().latencies().stream().mapToLong(Long::longValue).sum());
    metrics.counter(
        "weft_server_acknowledgement_milliseconds_total",
        "From compilation to acknowledgement, summed over all acknowledgements.",
        () -> mesh.distribution().stats().latencyMillis());
    metrics.gauge(
        "weft_server_policy_generation",
        "How often the policy documents have changed.",
        () -> mesh.distribution().state().generation().number());
  }

  private static void agents(Mesh mesh, ServerMetrics.Sink sink) {
    Map<String, Integer> states =
        new TreeMap<>(Map.of("in_sync", 0, "updating", 0, "refusing", 0, "disconnected", 0));
    for (Registration registration : mesh.registry().registrations()) {
      Optional<AgentState> agent = mesh.distribution().agent(registration.instance());
      String state =
          !mesh.registry().connected(registration.instance())
              ? "disconnected"
              : agent.map(AgentState::refuses).orElse(false)
                  ? "refusing"
                  : agent.map(AgentState::inSync).orElse(false) ? "in_sync" : "updating";
      states.merge(state, 1, Integer::sum);
    }
    states.forEach((state, count) -> sink.set(count, state));
  }

  private static void documents(Mesh mesh, ServerMetrics.Sink sink) {
    Map<List<String>, Integer> counts = new LinkedHashMap<>();
    for (DocumentStatus document : mesh.distribution().state().policy().documents()) {
      String kind = document.kind().isEmpty() ? "unknown" : document.kind();
      String condition = document.stale() ? "stale" : document.accepted() ? "accepted" : "rejected";
      counts.merge(List.of(kind, condition), 1, Integer::sum);
    }
    counts.forEach((labels, count) -> sink.set(count, labels.get(0), labels.get(1)));
  }

  private static void certificates(ServerMetrics metrics, Mesh mesh) {
    metrics.counter(
        "weft_server_certificates_issued_total",
        "Certificates given to workloads, renewals included.",
        () -> mesh.enrollment().issued());
    metrics.counter(
        "weft_server_certificates_renewed_total",
        "Certificates given for an older one.",
        () -> mesh.enrollment().renewed());
    metrics.counter(
        "weft_server_certificates_refused_total",
        "Refused requests for certificates.",
        () -> mesh.enrollment().refused());
    metrics.gauges(
        "weft_server_certificate_days_left",
        "Days until a certificate ends.",
        sink -> {
          sink.set(daysLeft(mesh, mesh.authority().root().getNotAfter().toInstant()), "root");
          sink.set(daysLeft(mesh, mesh.certificate().notAfter()), "server");
        },
        "certificate");
  }

  private static double daysLeft(Mesh mesh, Instant end) {
    return Duration.between(mesh.clock().instant(), end).toSeconds() / 86_400.0;
  }

  private static void clocks(ServerMetrics metrics, Mesh mesh) {
    metrics.counter(
        "weft_server_clock_jumps_total",
        "How often the time of day was set, by 5 s or more, since the start.",
        () -> mesh.jumps().count());
    metrics.gauge(
        "weft_server_clock_difference_seconds",
        "Largest difference between the clock of a connected agent and the server's.",
        () -> largestDifference(mesh).toMillis() / 1000.0);
  }

  private static Duration largestDifference(Mesh mesh) {
    return mesh.registry().registrations().stream()
        .map(Registration::instance)
        .filter(mesh.registry()::connected)
        .flatMap(instance -> mesh.distribution().agent(instance).stream())
        .flatMap(agent -> agent.clockAhead().stream())
        .map(Duration::abs)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  private static void telemetry(ServerMetrics metrics, Mesh mesh) {
    metrics.gauge("weft_server_spans", "Spans in the window.", () -> mesh.spans().size());
    metrics.counter(
        "weft_server_spans_received_total", "Spans received.", () -> mesh.spans().received());
    metrics.counter(
        "weft_server_spans_dropped_total",
        "Spans that gave way to newer ones.",
        () -> mesh.spans().dropped());
    metrics.gauge(
        "weft_server_series", "Metric series in the window.", () -> mesh.metrics().size());
    metrics.counter(
        "weft_server_points_received_total",
        "Metric points received.",
        () -> mesh.metrics().received());
    metrics.counter(
        "weft_server_series_dropped_total",
        "Metric series that gave way to newer ones.",
        () -> mesh.metrics().dropped());
    metrics.gauge(
        "weft_server_log_records", "Log records in the window.", () -> mesh.logs().size());
    metrics.counter(
        "weft_server_log_records_received_total",
        "Log records received.",
        () -> mesh.logs().received());
    metrics.counter(
        "weft_server_log_records_dropped_total",
        "Log records that gave way to newer ones.",
        () -> mesh.logs().dropped());
    metrics.counter(
        "weft_server_telemetry_malformed_total",
        "Requests that were no OTLP.",
        () -> mesh.receiver().malformed());
  }
}
