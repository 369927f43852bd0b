package dev.weft.policy.document;

import dev.weft.policy.AccessLogFormat;
import dev.weft.policy.TelemetrySettings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Weft's {@code TelemetryPolicy}; what is empty inherits. Immutable.
 *
 * @param selector empty: the whole namespace, or the mesh, if there are no targets either
 * @param targets Services whose workloads it concerns
 */
public record TelemetryPolicySpec(
    Map<String, String> selector,
    List<Spec.TargetRef> targets,
    Optional<Double> samplingPercent,
    List<TelemetrySettings.Propagation> propagation,
    Map<String, String> attributes,
    Optional<Boolean> accessLog,
    Optional<AccessLogFormat> accessLogFormat)
    implements Spec.Own {}
