/**
 * The config server: one process that compiles policy, registers workloads, certifies them and
 * keeps a window of what they measure.
 *
 * <p>{@link dev.weft.server.Main} starts the command line in {@code cli}; its command {@code
 * server} runs a {@link dev.weft.server.ConfigServer}, which wires everything else: {@code policy}
 * reads documents, {@code registry} knows who is there, {@code distribution} joins both and feeds
 * the agents, {@code authority} and {@code enroll} give certificates, {@code telemetry} receives
 * OTLP, {@code http} and {@code api} answer.
 */
@NullMarked
package dev.weft.server;

import org.jspecify.annotations.NullMarked;
