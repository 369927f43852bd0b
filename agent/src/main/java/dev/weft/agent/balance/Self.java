package dev.weft.agent.balance;

import dev.weft.policy.Inbound;
import dev.weft.policy.Locality;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What this workload is, as far as its choice of endpoints depends on it. Immutable.
 *
 * @param locality where it runs; empty: as its labels say
 * @param source what {@code useSourceIp} hashes: the workload's own address; empty: its name. The
 *     workload itself is the source of all its requests, so all of them go to one endpoint
 * @param labels its labels, with its locality by the well-known ones
 */
public record Self(Optional<Locality> locality, String source, Map<String, String> labels) {

  /** One that nobody has described yet. */
  public static final Self UNKNOWN = new Self(Optional.empty(), "", Map.of());

  /** The same as a snapshot describes it. */
  Self in(Inbound inbound) {
    Optional<Locality> place = locality.or(() -> Locality.of(inbound.labels()));
    Map<String, String> all = new HashMap<>(inbound.labels());
    place.ifPresent(known -> all.putAll(known.labels()));
    return new Self(place, source.isEmpty() ? inbound.workload() : source, Map.copyOf(all));
  }
}
