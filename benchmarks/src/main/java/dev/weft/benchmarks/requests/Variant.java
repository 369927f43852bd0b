package dev.weft.benchmarks.requests;

/** What is in the client's JVM beside the application. */
enum Variant {
  PLAIN("no agent"),
  WEFT("weft"),
  OPENTELEMETRY("OpenTelemetry");

  private final String title;

  Variant(String title) {
    this.title = title;
  }

  /** In tables. */
  String title() {
    return title;
  }
}
