package dev.weft.benchmarks.wire;

import java.util.List;
import java.util.Locale;

/** A kind of window, and the figures that come of it. */
enum Column {
  /** A fixed rate, open loop. */
  OPEN("1000/s, open loop"),
  /** Saturation, closed loop. */
  CLOSED("saturation"),
  /** A new connection for every request. */
  FRESH("new connections"),
  /** Large bodies. */
  BULK("bulk"),
  /** Memory of idle connections; once, after all rounds. */
  IDLE("idle"),
  /** The first request of fresh JVMs; before all rounds. */
  FIRST("first");

  private final String title;

  Column(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  List<Metric> metrics() {
    return switch (this) {
      case OPEN -> List.of(Metric.P50, Metric.P90, Metric.P99, Metric.P999, Metric.CPU);
      case CLOSED -> List.of(Metric.RPS, Metric.SATURATED_CPU);
      case FRESH -> List.of(Metric.FRESH, Metric.FRESH_CPU);
      case BULK -> List.of(Metric.BULK, Metric.BULK_CPU);
      case IDLE -> List.of(Metric.IDLE, Metric.MEMORY);
      case FIRST -> List.of(Metric.FIRST);
    };
  }

  /** Whether it is measured in rounds, window by window. */
  boolean inRounds() {
    return this != IDLE && this != FIRST;
  }

  String option() {
    return name().toLowerCase(Locale.ROOT);
  }
}
