package dev.weft.benchmarks.wire;

/** One figure of the table. */
enum Metric {
  P50("p50 us", Beside.DIFFERENCE),
  P90("p90", Beside.NOTHING),
  P99("p99", Beside.NOTHING),
  P999("p99.9", Beside.NOTHING),
  CPU("CPU us", Beside.DIFFERENCE),
  RPS("req/s", Beside.RATIO),
  SATURATED_CPU("CPU us", Beside.RATIO),
  FRESH("conn/s", Beside.RATIO),
  FRESH_CPU("CPU ms", Beside.NOTHING),
  BULK("MB/s", Beside.RATIO),
  BULK_CPU("CPU s/GB", Beside.NOTHING),
  IDLE("MB/1000", Beside.NOTHING),
  MEMORY("MB", Beside.DIFFERENCE),
  FIRST("ms", Beside.DIFFERENCE);

  /** What stands beside the median: how it compares with plaintext in the same rounds. */
  enum Beside {
    NOTHING,
    DIFFERENCE,
    RATIO
  }

  private final String title;
  private final Beside beside;

  Metric(String title, Beside beside) {
    this.title = title;
    this.beside = beside;
  }

  String title() {
    return title;
  }

  Beside beside() {
    return beside;
  }
}
