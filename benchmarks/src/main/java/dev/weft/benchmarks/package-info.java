/** Micro-benchmarks by JMH; the wire ground is in {@code wire}. See the README of this module. */
@NullMarked
package dev.weft.benchmarks;

import org.jspecify.annotations.NullMarked;
