package dev.weft.agent.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;
import java.util.function.DoubleSupplier;

/** Samples roots by a share that policy may change at any time. Thread-safe. */
final class DynamicSampler implements Sampler {
  private final DoubleSupplier percent;
  private volatile Share share = new Share(0, Sampler.alwaysOff());

  /** The sampler of one share. */
  private record Share(double percent, Sampler sampler) {}

  /** {@code percent} is read for every root: 0.0 to 100.0. */
  DynamicSampler(DoubleSupplier percent) {
    this.percent = percent;
  }

  @Override
  public SamplingResult shouldSample(
      Context parentContext,
      String traceId,
      String name,
      SpanKind spanKind,
      Attributes attributes,
      List<LinkData> parentLinks) {
    double wanted = Math.max(0, Math.min(100, percent.getAsDouble()));
    Share current = share;
    if (current.percent() != wanted) {
      current = new Share(wanted, Sampler.traceIdRatioBased(wanted / 100));
      share = current;
    }
    return current
        .sampler()
        .shouldSample(parentContext, traceId, name, spanKind, attributes, parentLinks);
  }

  @Override
  public String getDescription() {
    return "MeshConfig share of root traces";
  }
}
