package dev.weft.server.http;

import dev.weft.server.limit.Limits;
import dev.weft.server.limit.Traffic;
import dev.weft.server.metrics.ServerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What all listeners measure. Thread-safe. */
public final class HttpMetrics {
  private final Counter requests;
  private final Histogram durations;
  private final Counter refusals;
  private final Histogram pushes;
  private final LongAdder pushedBytes = new LongAdder();
  private final AtomicInteger streams = new AtomicInteger();

  /** Shows itself, and the limits that listeners keep. */
  public HttpMetrics(ServerMetrics metrics, Limits limits) {
    requests =
        metrics.count(
            "weft_server_requests_total",
            "Answered requests; route none: those for no resource.",
            "route",
            "method",
            "status");
    durations =
        metrics.seconds(
            "weft_server_request_duration_seconds",
            "From a request's first line to its answer, or to the begin of its stream.",
            "route",
            "method");
    refusals = metrics.count("weft_server_requests_refused_total", "Refused requests.", "code");
    pushes =
        metrics.seconds(
            "weft_server_push_duration_seconds",
            "From a snapshot offered to a stream until the connection has taken its bytes.");
    metrics.counter(
        "weft_server_push_bytes_total", "Bytes of snapshots sent to streams.", pushedBytes::sum);
    metrics.gauge("weft_server_streams", "Watch streams that are open.", streams::get);
    metrics.gauge(
        "weft_server_connections", "Connections that are open.", () -> limits.connections().open());
    metrics.counter(
        "weft_server_connections_refused_total",
        "Connections closed at once because there were too many.",
        () -> limits.connections().refused());
    metrics.counters(
        "weft_server_rate_limited_total",
        "Requests refused because their caller sent too many.",
        sink -> {
          for (Traffic traffic : Traffic.values()) {
            sink.set((double) limits.limited(traffic), traffic.title());
          }
        },
        "traffic");
    metrics.counters(
        "weft_server_overloaded_total",
        "Requests refused because all callers together sent too many.",
        sink -> {
          for (Traffic traffic : Traffic.values()) {
            sink.set((double) limits.overloaded(traffic), traffic.title());
          }
        },
        "traffic");
    metrics.gauges(
        "weft_server_requests_waiting",
        "Requests that wait for an answer.",
        sink -> {
          for (Traffic traffic : Traffic.values()) {
            sink.set((double) limits.waiting(traffic), traffic.title());
          }
        },
        "traffic");
  }

  /**
   * Counts an answer.
   *
   * @param route null: none was found
   */
  void answered(@Nullable Route route, int status, long nanos) {
    String path = route == null ? "none" : route.path();
    String method = route == null ? "none" : route.method();
    requests.labelValues(path, method, status / 100 + "xx").inc();
    durations.labelValues(path, method).observe(nanos / 1e9);
  }

  void refused(String code) {
    refusals.labelValues(code).inc();
  }

  void streamBegan() {
    streams.incrementAndGet();
  }

  void streamEnded() {
    streams.decrementAndGet();
  }

  void pushed(int bytes, long nanos) {
    pushedBytes.add(bytes);
    pushes.observe(nanos / 1e9);
  }
}
