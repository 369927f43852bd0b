/**
 * Spans and metrics of requests. {@link dev.weft.agent.telemetry.Telemetry} is the way in: the
 * traffic layer begins an observation per request and ends it with the outcome; from these two
 * points come the span, the HTTP duration metrics of OpenTelemetry and Istio's request counter. Of
 * connections that carry no requests we know of, {@code ConnectionMetrics} counts Istio's TCP
 * metrics; {@code AccessLog} writes a line for each connection, where policy wants it.
 *
 * <p>Observing fails open: nothing here throws into a request, and until the SDK is up (it starts
 * on a thread of its own) nothing is recorded.
 */
@NullMarked
package dev.weft.agent.telemetry;

import org.jspecify.annotations.NullMarked;
