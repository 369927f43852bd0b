/**
 * The start ground: what an agent adds to the start of a Spring Boot web application, in processor
 * time, wall-clock time and memory. {@link dev.weft.benchmarks.start.StartBenchmark} is the
 * program.
 */
@org.jspecify.annotations.NullMarked
package dev.weft.benchmarks.start;
