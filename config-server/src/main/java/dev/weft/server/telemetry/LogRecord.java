package dev.weft.server.telemetry;

import java.util.Map;

/**
 * A line of an application's log, or an event. Immutable.
 *
 * @param timeNanos nanoseconds since 1970: when it happened, or when it was observed
 * @param service {@code service.name} of its resource
 * @param spiffeId the identity of the agent that sent it
 * @param severity number from 1 (trace) to 24 (fatal) as OTLP has it; 0: unknown
 * @param severityText as the application calls it
 * @param traceId 32 hex digits; empty: outside of a trace
 * @param spanId 16 hex digits; empty: outside of a span
 * @param attributes values are text, whole numbers, numbers or truth values
 */
public record LogRecord(
    long timeNanos,
    String service,
    String instance,
    String spiffeId,
    int severity,
    String severityText,
    String body,
    String traceId,
    String spanId,
    Map<String, Object> attributes) {}
