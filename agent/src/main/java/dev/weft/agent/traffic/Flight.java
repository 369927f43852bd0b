package dev.weft.agent.traffic;

import dev.weft.agent.balance.Picked;
import dev.weft.instrumentation.Attempt;
import org.jspecify.annotations.Nullable;

/**
 * One attempt under way, and those that began before it and are under way, too. Immutable.
 *
 * @param picked its endpoint
 * @param start nanoseconds, after its pause
 * @param limit by which policy wants an answer
 * @param before null: there is none
 */
record Flight(Attempt attempt, Picked picked, long start, Deadline limit, @Nullable Flight before) {

  /** Attempts that are alike are still two. */
  @SuppressWarnings("ReferenceEquality")
  boolean is(Attempt other) {
    return attempt == other;
  }

  /** The one that is an attempt; null: it is none of these. */
  static @Nullable Flight of(@Nullable Flight newest, Attempt attempt) {
    Flight each = newest;
    while (each != null && !each.is(attempt)) {
      each = each.before;
    }
    return each;
  }

  /** All but one; null: that was the only one. */
  static @Nullable Flight without(@Nullable Flight newest, Flight gone) {
    if (newest == null || newest.is(gone.attempt)) {
      return newest == null ? null : newest.before;
    }
    Flight others = without(newest.before, gone);
    return new Flight(newest.attempt, newest.picked, newest.start, newest.limit, others);
  }
}
