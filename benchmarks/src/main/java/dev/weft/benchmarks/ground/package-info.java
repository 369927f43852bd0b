/**
 * What grounds share that measure whole processes: child programs, their processor time, figures of
 * several rounds, tables.
 */
@org.jspecify.annotations.NullMarked
package dev.weft.benchmarks.ground;
