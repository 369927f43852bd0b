package dev.weft.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one workload is observed where it differs from the mesh, from {@code TelemetryPolicy}s.
 * Immutable.
 *
 * @param rule the document that says most of it
 * @param samplingPercent share of the root traces that are recorded, 0.0 to 100.0; empty: {@link
 *     MeshSettings#traceSamplingPercent}
 * @param propagation headers in which trace context is written; the first that is found in a
 *     request is read. Empty: W3C only
 * @param attributes what every span and metric of the workload carries besides
 */
public record TelemetrySettings(
    String rule,
    Optional<Double> samplingPercent,
    List<Propagation> propagation,
    Map<String, String> attributes) {

  /** How trace context travels. */
  public enum Propagation {
    /** {@code traceparent} and {@code tracestate} (W3C Trace Context). */
    W3C,
    /** One header, {@code b3} (B3 single). */
    B3,
    /** {@code X-B3-TraceId} and its like. */
    B3_MULTI
  }
}
