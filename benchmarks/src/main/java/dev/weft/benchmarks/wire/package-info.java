/**
 * The wire ground: what security costs on the way of a request, measured side by side on one
 * machine. {@link dev.weft.benchmarks.wire.WireBenchmark} is the program; a {@link
 * dev.weft.benchmarks.wire.Variant} is one way to secure a connection, a {@link
 * dev.weft.benchmarks.wire.Pair} is a variant that runs. The measured applications are in {@code
 * app}. The README of this module says how to read the table.
 */
@NullMarked
package dev.weft.benchmarks.wire;

import org.jspecify.annotations.NullMarked;
