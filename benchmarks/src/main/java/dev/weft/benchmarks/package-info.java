/** Benchmarks; each prints a ratio against a baseline of the same run. See the README beside. */
@NullMarked
package dev.weft.benchmarks;

import org.jspecify.annotations.NullMarked;
