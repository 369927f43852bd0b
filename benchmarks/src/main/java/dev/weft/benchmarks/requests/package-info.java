/**
 * The requests ground: what the request layer costs a client, for each HTTP library, with and
 * without an agent. {@link dev.weft.benchmarks.requests.RequestsBenchmark} is the program; the
 * measured application is in {@code app}. The README of this module says how to read the table.
 */
@org.jspecify.annotations.NullMarked
package dev.weft.benchmarks.requests;
