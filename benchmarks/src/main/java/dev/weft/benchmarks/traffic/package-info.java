/** The request layer's own work, measured by JMH. */
@NullMarked
package dev.weft.benchmarks.traffic;

import org.jspecify.annotations.NullMarked;
