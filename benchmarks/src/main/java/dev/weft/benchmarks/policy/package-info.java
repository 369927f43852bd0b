/** Decisions on policy, and its compilation, measured by JMH. */
@NullMarked
package dev.weft.benchmarks.policy;

import org.jspecify.annotations.NullMarked;
