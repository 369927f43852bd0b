package dev.weft.policy;

import dev.weft.policy.Sessions.Hold;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The backends of a rule at which sessions are kept, those without weight, too: they get no new
 * sessions, and keep what they have. Immutable; thread-safe.
 */
final class StickyBackends {
  private final List<Decision.Forward> weighted = new ArrayList<>();
  private final List<Decision.Forward> weightless = new ArrayList<>();

  /** Adds a backend's decision, if sessions can be kept there. */
  void add(Decision decision, int weight) {
    if (decision instanceof Decision.Forward forward && keepsSessions(forward)) {
      (weight > 0 ? weighted : weightless).add(forward);
    }
  }

  private static boolean keepsSessions(Decision.Forward forward) {
    Decision.Delivery delivery = forward.delivery();
    return delivery.actions().session().isPresent()
        || delivery.first(TrafficPolicy::session).isPresent();
  }

  /** Whether there is never anything to find out. */
  boolean isEmpty() {
    return weighted.isEmpty() && weightless.isEmpty();
  }

  /**
   * The backend of the call's session. One whose endpoint is gone stays at its backend, unless that
   * is to get no new sessions, or nobody can tell which of several subsets it was.
   *
   * @return null: it has none
   */
  Decision.@Nullable Forward of(Call call, Sessions sessions) {
    Decision.Forward orphaned = null;
    int orphans = 0;
    for (int i = 0; i < weighted.size(); i++) {
      Hold hold = sessions.hold(weighted.get(i), call);
      if (hold == Hold.ENDPOINT) {
        return weighted.get(i);
      }
      if (hold == Hold.SERVICE) {
        orphaned = weighted.get(i);
        orphans++;
      }
    }
    for (int i = 0; i < weightless.size(); i++) {
      if (sessions.hold(weightless.get(i), call) == Hold.ENDPOINT) {
        return weightless.get(i);
      }
    }
    return orphans == 1 ? orphaned : null;
  }
}
