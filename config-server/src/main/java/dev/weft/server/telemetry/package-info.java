/**
 * OTLP in, answers out: a bounded window of the spans and metrics that agents send, for people who
 * run no collector. Reading starts at {@link dev.weft.server.telemetry.OtlpReceiver}.
 */
@NullMarked
package dev.weft.server.telemetry;

import org.jspecify.annotations.NullMarked;
