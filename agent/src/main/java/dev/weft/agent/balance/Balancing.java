package dev.weft.agent.balance;

import dev.weft.policy.Decision;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.RouteActions.SessionPersistence;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import dev.weft.policy.TrafficPolicy.HashKey;
import dev.weft.policy.TrafficPolicy.LoadBalancing;
import dev.weft.policy.TrafficPolicy.LocalityBalancing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How endpoints of a list are chosen, by all the policies that say something of it, defaults filled
 * in. Immutable.
 *
 * @param hash null: the algorithm needs none, or the policy says none
 * @param tableSize of the algorithm's hash table
 * @param choices that are compared with each other
 * @param slowStart null: new endpoints have their whole share at once
 * @param outliers null: nobody is left out
 * @param session null: only where the rule says so
 */
record Balancing(
    Algorithm algorithm,
    @Nullable HashKey hash,
    int tableSize,
    int choices,
    @Nullable Duration slowStart,
    LocalityBalancing locality,
    @Nullable Outliers outliers,
    @Nullable SessionPersistence session) {
  private static final int RING = 1024;
  private static final int MAGLEV = 65_537;
  private static final int TWO = 2;
  private static final LoadBalancing DEFAULT =
      new LoadBalancing(
          Algorithm.PEAK_EWMA,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
  private static final LocalityBalancing NEAREST =
      new LocalityBalancing(true, Map.of(), Map.of(), List.of());

  static Balancing of(Decision.Forward forward, MeshSettings mesh) {
    Decision.Delivery delivery = forward.delivery();
    LoadBalancing said =
        delivery.first(TrafficPolicy::balancing).or(mesh::balancing).orElse(DEFAULT);
    return new Balancing(
        said.algorithm(),
        said.hash().orElse(null),
        said.tableSize().orElse(said.algorithm() == Algorithm.MAGLEV ? MAGLEV : RING),
        said.algorithm() == Algorithm.LEAST_REQUEST ? said.choices().orElse(TWO) : TWO,
        said.slowStart().filter(window -> !window.isZero()).orElse(null),
        said.locality().orElse(NEAREST),
        delivery.first(TrafficPolicy::outliers).map(Outliers::of).orElse(null),
        delivery.first(TrafficPolicy::session).orElse(null));
  }

  /** Whether equal requests go to equal endpoints. */
  boolean hashes() {
    return algorithm == Algorithm.RING_HASH || algorithm == Algorithm.MAGLEV;
  }

  HashTable table(List<Member> members) {
    return algorithm == Algorithm.MAGLEV
        ? HashTable.Maglev.of(members, tableSize)
        : HashTable.Ring.of(members, tableSize);
  }
}
