package dev.weft.server.telemetry;

import java.util.Map;

/**
 * A finished span. Immutable.
 *
 * @param traceId 32 hex digits
 * @param spanId 16 hex digits
 * @param parentSpanId 16 hex digits; empty: a root
 * @param service {@code service.name} of its resource
 * @param spiffeId the identity of the agent that sent it
 * @param kind {@code CLIENT}, {@code SERVER} ...
 * @param startNanos nanoseconds since 1970
 * @param endNanos nanoseconds since 1970
 * @param status {@code UNSET}, {@code OK} or {@code ERROR}
 * @param attributes values are text, whole numbers, numbers or truth values
 */
public record SpanRecord(
    String traceId,
    String spanId,
    String parentSpanId,
    String name,
    String service,
    String instance,
    String spiffeId,
    String kind,
    long startNanos,
    long endNanos,
    String status,
    String statusMessage,
    Map<String, Object> attributes) {}
