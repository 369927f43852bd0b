/**
 * The end of a workload that others call: {@link dev.weft.agent.drain.Drain} keeps the JVM until
 * nobody sends to it any more and what it had begun is finished.
 */
@NullMarked
package dev.weft.agent.drain;

import org.jspecify.annotations.NullMarked;
