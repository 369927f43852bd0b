package dev.weft.agent.traffic;

import dev.weft.agent.balance.Picked;
import dev.weft.instrumentation.Attempt;

/**
 * One attempt under way. Immutable.
 *
 * @param picked its endpoint
 * @param start nanoseconds, after its pause
 * @param limit by which policy wants an answer
 */
record Flight(Attempt attempt, Picked picked, long start, Deadline limit) {}
