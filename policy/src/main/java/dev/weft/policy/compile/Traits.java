package dev.weft.policy.compile;

import dev.weft.policy.Locality;
import dev.weft.policy.Unready;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What else is known of a workload, all of it optional. Immutable.
 *
 * @param locality where it runs; empty: not known
 * @param weight its share compared with other endpoints', from 1; empty: 1
 * @param protocols what is spoken on its listening ports, in the words of {@code appProtocol},
 *     where its agent knows
 * @param unready why it takes no new requests; empty: it takes them
 * @param suspects its ports to which clients do not get through, ascending
 */
public record Traits(
    Optional<Locality> locality,
    Optional<Integer> weight,
    Map<Integer, String> protocols,
    Optional<Unready> unready,
    List<Integer> suspects) {

  /** Nothing else is known. */
  public static final Traits NONE =
      new Traits(Optional.empty(), Optional.empty(), Map.of(), Optional.empty(), List.of());

  /** These, of a workload that speaks this on its ports. */
  public Traits speaking(Map<Integer, String> onPorts) {
    return new Traits(locality, weight, Map.copyOf(onPorts), unready, suspects);
  }

  /** These, of a workload that takes no new requests for this reason, or takes them. */
  public Traits unready(Optional<Unready> reason) {
    return new Traits(locality, weight, protocols, reason, suspects);
  }

  /** These, of a workload whose ports of this set nobody gets through to. */
  public Traits suspect(Iterable<Integer> ports) {
    TreeSet<Integer> sorted = new TreeSet<>();
    ports.forEach(sorted::add);
    return new Traits(locality, weight, protocols, unready, List.copyOf(sorted));
  }

  /** Why one port takes no new requests; empty: it takes them. */
  Optional<Unready> unready(int port) {
    return unready.isEmpty() && suspects.contains(port) ? Optional.of(Unready.SUSPECT) : unready;
  }
}
