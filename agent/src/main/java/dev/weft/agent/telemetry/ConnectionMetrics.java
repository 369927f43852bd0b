package dev.weft.agent.telemetry;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Istio's metrics of TCP connections. Counted here from the first connection on, read by the SDK
 * once it runs; connections count for themselves and hand over now and then, so nothing is
 * contended. Thread-safe.
 *
 * @see <a href="https://istio.io/latest/docs/reference/config/metrics/">Istio standard metrics</a>
 */
public final class ConnectionMetrics {
  /** More combinations of labels than this share one series. */
  static final int MOST_SERIES = 10_000;

  private static final AttributeKey<Boolean> OVERFLOW =
      AttributeKey.booleanKey("otel.metric.overflow");

  private final Map<Attributes, Series> series = new ConcurrentHashMap<>();
  private final Series overflow = new Series(Attributes.of(OVERFLOW, true));
  private final Supplier<Party> self;
  private final String service;
  private volatile Runnable handOver = () -> {};

  ConnectionMetrics(Supplier<Party> self, String service) {
    this.self = self;
    this.service = service;
  }

  /** The counters of one combination of labels. Thread-safe. */
  public static final class Series {
    private final Attributes labels;
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();

    private Series(Attributes labels) {
      this.labels = labels;
    }

    /** A connection has begun. */
    public void opened() {
      opened.increment();
    }

    /** A connection has ended. */
    public void closed() {
      closed.increment();
    }

    /**
     * More bytes than before, seen from the server, at both ends: that is how Istio counts.
     *
     * @param fromClient what the server has received
     * @param fromServer what the server has sent
     */
    public void carried(long fromClient, long fromServer) {
      received.add(fromClient);
      sent.add(fromServer);
    }
  }

  /** {@code task} makes connections hand over what they have counted; called before reading. */
  public void beforeReading(Runnable task) {
    handOver = task;
  }

  /**
   * The series of a connection.
   *
   * @param flags Envoy's response flags; {@code -} when nothing went wrong
   */
  public Series series(ConnectionEnds ends, String flags) {
    Attributes labels = labels(ends, flags);
    Series known = series.get(labels);
    if (known != null) {
      return known;
    }
    if (series.size() >= MOST_SERIES) {
      return overflow;
    }
    Series fresh = new Series(labels); // no lambda: it would be linked inside a socket's close
    Series present = series.putIfAbsent(labels, fresh);
    return present == null ? fresh : present;
  }

  private Attributes labels(ConnectionEnds ends, String flags) {
    Party us = self.get();
    if (!ends.outbound()) {
      return IstioLabels.received(us, service, ends.peer(), flags).ofConnection();
    }
    Service called = ends.service();
    Endpoint endpoint = ends.endpoint();
    Party destination =
        called == null || endpoint == null ? Party.of(ends.peer()) : Party.of(called, endpoint);
    return IstioLabels.sent(us, destination, called, Party.UNKNOWN, flags).ofConnection();
  }

  /** Lets the SDK read. */
  void register(Meter meter) {
    ObservableLongMeasurement opened = counter(meter, "istio_tcp_connections_opened_total");
    ObservableLongMeasurement closed = counter(meter, "istio_tcp_connections_closed_total");
    ObservableLongMeasurement received = counter(meter, "istio_tcp_received_bytes_total");
    ObservableLongMeasurement sent = counter(meter, "istio_tcp_sent_bytes_total");
    meter.batchCallback(
        () -> {
          handOver.run();
          read(opened, one -> one.opened.sum());
          read(closed, one -> one.closed.sum());
          read(received, one -> one.received.sum());
          read(sent, one -> one.sent.sum());
        },
        opened,
        closed,
        received,
        sent);
  }

  private static ObservableLongMeasurement counter(Meter meter, String name) {
    return meter.counterBuilder(name).buildObserver();
  }

  private void read(ObservableLongMeasurement measurement, ToLongFunction<Series> value) {
    series.values().forEach(one -> measurement.record(value.applyAsLong(one), one.labels));
    if (overflow.opened.sum() > 0) {
      measurement.record(value.applyAsLong(overflow), overflow.labels);
    }
  }
}
