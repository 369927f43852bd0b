package dev.weft.agent.balance;

import dev.weft.policy.Decision;
import dev.weft.policy.MeshSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One list of endpoints with one policy, prepared for choices. What outlives it is in the {@link
 * ServiceEndpoints}. Thread-safe.
 */
final class Pool {
  private final ServiceEndpoints service;
  private final Balancing balancing;
  private final List<Group> groups;
  private final int size;
  private volatile MeshSettings mesh;
  private volatile View view;
  private volatile SessionKeys.@Nullable Index sessions;
  private volatile @Nullable Map<ServiceEndpoints.Address, Member> byAddress;

  /** The snapshot under which it was last used. */
  volatile int used;

  private Pool(
      ServiceEndpoints service,
      Balancing balancing,
      List<Group> groups,
      int size,
      MeshSettings mesh,
      long now) {
    this.service = service;
    this.balancing = balancing;
    this.groups = groups;
    this.size = size;
    this.mesh = mesh;
    this.view = View.of(groups, balancing.outliers(), service.version(), now);
  }

  static Pool of(
      Decision.Forward forward,
      MeshSettings mesh,
      ServiceEndpoints service,
      List<Member> members,
      Self self,
      long now,
      RandomGenerator dice) {
    Balancing balancing = Balancing.of(forward, mesh);
    List<Group> groups = new ArrayList<>();
    for (Localities.Near near : Localities.group(members, self, balancing.locality())) {
      int first = dice.nextInt(Short.MAX_VALUE);
      groups.add(new Group(near.members(), near.share(), first));
    }
    int size = groups.stream().mapToInt(group -> group.members().size()).sum();
    return new Pool(service, balancing, List.copyOf(groups), size, mesh, now);
  }

  /** Whether it holds for these settings, too; the same object needs no look inside. */
  @SuppressWarnings("ReferenceEquality")
  boolean fits(Decision.Forward forward, MeshSettings current) {
    if (mesh != current) {
      if (!mesh.balancing().equals(current.balancing())) {
        return false;
      }
      mesh = current;
    }
    return service.is(forward.service());
  }

  ServiceEndpoints service() {
    return service;
  }

  Balancing balancing() {
    return balancing;
  }

  /** How many endpoints it may use, in or out. */
  int size() {
    return size;
  }

  /** Who is in now. */
  View view(long now) {
    View known = view;
    long version = service.version();
    if (known.holds(version, now)) {
      return known;
    }
    View fresh = View.of(groups, balancing.outliers(), version, now);
    view = fresh;
    return fresh;
  }

  /** Its endpoints by their sessions' tags; keys by other roots need another index. */
  @SuppressWarnings("ReferenceEquality")
  SessionKeys.Index sessions(SessionKeys keys) {
    SessionKeys.Index known = sessions;
    if (known == null || known.keys() != keys) {
      known = keys.index(service.service(), members());
      sessions = known;
    }
    return known;
  }

  /** The endpoint with an address and a port, where the application's own choice counts. */
  @Nullable Member at(String address, int port) {
    Map<ServiceEndpoints.Address, Member> known = byAddress;
    if (known == null) {
      known = new HashMap<>();
      for (Member member : members()) {
        known.put(ServiceEndpoints.Address.of(member.endpoint()), member);
      }
      byAddress = known;
    }
    return known.get(new ServiceEndpoints.Address(address, port));
  }

  private List<Member> members() {
    List<Member> members = new ArrayList<>(size);
    groups.forEach(group -> members.addAll(group.members()));
    return members;
  }
}
