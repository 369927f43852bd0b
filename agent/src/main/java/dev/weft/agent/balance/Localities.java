package dev.weft.agent.balance;

import dev.weft.policy.Locality;
import dev.weft.policy.TrafficPolicy.LocalityBalancing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * Which endpoints are near. Groups come in the order in which they are used; none is empty. Pure.
 *
 * <ul>
 *   <li>By default: the own sub-zone if there is one, the own zone, the own region, all others;
 *       among the others the region that stands in for the own one comes first.
 *   <li>By {@code failoverPriority}: the more of the labels, from the first on, are as the
 *       workload's own (or as written, {@code key=value}), the nearer; zones count only as labels.
 *   <li>By {@code distribute}: groups have shares. Places that it does not name get nothing, unless
 *       no endpoint is at any place that it names.
 * </ul>
 *
 * Where the own locality is not known, all are equally near.
 *
 * @see <a href="https://istio.io/latest/docs/reference/config/networking/destination-rule/">Istio's
 *     LocalityLoadBalancerSetting</a>
 */
final class Localities {
  private Localities() {}

  /**
   * Endpoints of a group.
   *
   * @param share as in {@link Group}
   */
  record Near(List<Member> members, int share) {}

  static List<Near> group(List<Member> members, Self self, LocalityBalancing setting) {
    if (!setting.enabled()) {
      return List.of(new Near(members, 0));
    }
    if (!setting.failoverPriority().isEmpty()) {
      return ranked(members, member -> labelRank(member, self, setting.failoverPriority()));
    }
    if (self.locality().isEmpty()) {
      return List.of(new Near(members, 0));
    }
    Locality own = self.locality().get();
    Optional<String> from = best(setting.distribute(), own);
    if (from.isPresent()) {
      List<Near> shared = shared(members, setting.distribute().getOrDefault(from.get(), Map.of()));
      return shared.isEmpty() ? List.of(new Near(members, 0)) : shared;
    }
    String standIn = setting.failover().getOrDefault(own.region(), "");
    return ranked(members, member -> rank(member.endpoint().locality(), own, standIn));
  }

  private static List<Near> ranked(List<Member> members, ToIntFunction<Member> rank) {
    Map<Integer, List<Member>> byRank = new TreeMap<>();
    for (Member member : members) {
      byRank.computeIfAbsent(rank.applyAsInt(member), key -> new ArrayList<>()).add(member);
    }
    return byRank.values().stream().map(near -> new Near(near, 0)).toList();
  }

  private static int rank(Optional<Locality> locality, Locality own, String standIn) {
    if (locality.isEmpty()) {
      return 4;
    }
    Locality there = locality.get();
    if (!there.region().equals(own.region())) {
      return there.region().equals(standIn) ? 3 : 4;
    }
    if (!there.zone().equals(own.zone())) {
      return 2;
    }
    return there.subZone().equals(own.subZone()) ? 0 : 1;
  }

  private static int labelRank(Member member, Self self, List<String> labels) {
    Map<String, String> own = self.labels();
    Map<String, String> there = member.endpoint().labels();
    Map<String, String> place = member.endpoint().locality().map(Locality::labels).orElse(Map.of());
    int equal = 0;
    for (String label : labels) {
      int equals = label.indexOf('=');
      String name = equals < 0 ? label : label.substring(0, equals);
      String wanted = equals < 0 ? own.getOrDefault(name, "") : label.substring(equals + 1);
      String found = place.getOrDefault(name, there.getOrDefault(name, ""));
      if (!wanted.equals(found)) {
        break;
      }
      equal++;
    }
    return labels.size() - equal;
  }

  private static List<Near> shared(List<Member> members, Map<String, Integer> shares) {
    Map<String, List<Member>> byPlace = new TreeMap<>();
    for (Member member : members) {
      member
          .endpoint()
          .locality()
          .flatMap(place -> best(shares, place))
          .ifPresent(place -> byPlace.computeIfAbsent(place, key -> new ArrayList<>()).add(member));
    }
    List<Near> groups = new ArrayList<>();
    byPlace.forEach(
        (place, near) -> {
          int share = shares.getOrDefault(place, 0);
          if (share > 0) {
            groups.add(new Near(near, share));
          }
        });
    return groups;
  }

  /** Of patterns such as {@code region/zone/*} the longest that covers a place. */
  private static Optional<String> best(Map<String, ?> patterns, Locality place) {
    return patterns.keySet().stream()
        .filter(pattern -> covers(pattern, place))
        .max(
            (one, other) ->
                one.length() != other.length()
                    ? Integer.compare(one.length(), other.length())
                    : one.compareTo(other));
  }

  private static boolean covers(String pattern, Locality place) {
    String[] wanted = pattern.split("/", -1);
    String[] parts = {place.region(), place.zone(), place.subZone()};
    for (int i = 0; i < wanted.length && i < parts.length; i++) {
      if (wanted[i].equals("*")) {
        return true;
      }
      if (!wanted[i].equals(parts[i])) {
        return false;
      }
    }
    return wanted.length <= parts.length;
  }
}
