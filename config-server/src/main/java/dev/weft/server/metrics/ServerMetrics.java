package dev.weft.server.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;

/**
 * What the server measures about itself. One more is one line: {@code
 * metrics.counter("weft_x_total", "What it counts.", part::x)}. Names are those of the page.
 * Thread-safe.
 */
public final class ServerMetrics {
  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();

  /** A page. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Page(String contentType, byte[] text) {}

  /** Takes a value with the values of its labels. */
  @FunctionalInterface
  public interface Sink {
    /** Takes one. */
    void set(double value, String... labels);
  }

  /** Metrics without any yet but those of the JVM. */
  public ServerMetrics() {
    JvmMetrics.builder().register(registry);
  }

  /** Shows a number that only grows, counted elsewhere. */
  public void counter(String name, String help, DoubleSupplier value) {
    counters(name, help, sink -> sink.set(value.getAsDouble()));
  }

  /** Shows numbers that only grow, one for each set of labels, counted elsewhere. */
  public void counters(String name, String help, Consumer<Sink> values, String... labels) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .callback(callback -> values.accept(callback::call))
        .register(registry);
  }

  /** Shows a number that rises and falls. */
  public void gauge(String name, String help, DoubleSupplier value) {
    gauges(name, help, sink -> sink.set(value.getAsDouble()));
  }

  /** Shows numbers that rise and fall, one for each set of labels. */
  public void gauges(String name, String help, Consumer<Sink> values, String... labels) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .callback(callback -> values.accept(callback::call))
        .register(registry);
  }

  /** Counts by itself. */
  public Counter count(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  /** A distribution of durations in seconds, from 1 ms to 10 s. */
  public Histogram seconds(String name, String help, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(SECONDS)
        .labelNames(labels)
        .register(registry);
  }

  /** Makes tasks into ones that show how long they take. */
  public UnaryOperator<Runnable> timed(String name, String help) {
    Histogram seconds = seconds(name, help);
    return task ->
        () -> {
          long begin = System.nanoTime();
          task.run();
          seconds.observe((System.nanoTime() - begin) / 1e9);
        };
  }

  /**
   * The page of all metrics.
   *
   * @param accept what the reader understands: OpenMetrics when it says so, else the text format of
   *     Prometheus
   */
  public Page page(String accept) throws IOException {
    ExpositionFormatWriter writer =
        accept.contains("application/openmetrics-text")
            ? OpenMetricsTextFormatWriter.create()
            : PrometheusTextFormatWriter.create();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    writer.write(text, registry.scrape());
    return new Page(writer.getContentType(), text.toByteArray());
  }
}
