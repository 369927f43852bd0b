package dev.weft.agent.balance;

import dev.weft.agent.balance.SessionKeys.Session;
import dev.weft.policy.Call;
import dev.weft.policy.Decision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.MeshSettings;
import dev.weft.policy.RouteActions.SessionKind;
import dev.weft.policy.RouteActions.SessionPersistence;
import dev.weft.policy.Service;
import dev.weft.policy.Sessions;
import dev.weft.policy.Snapshot;
import dev.weft.policy.TrafficPolicy;
import dev.weft.policy.TrafficPolicy.Algorithm;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the endpoint of each attempt of a request, as the policies of its decision say, and
 * learns from how attempts go. Thread-safe; a choice takes no lock and looks at a few endpoints
 * only, however many there are.
 *
 * <p>What is prepared for choices is kept per list of endpoints and made again when the list or the
 * policy is another. What was learnt is kept per endpoint: its load by address and port, its
 * standing as an outlier and its age by service, address and port; a snapshot that no longer has
 * the endpoint ends it.
 */
public final class EndpointChoice implements Sessions {
  /** How long an endpoint is left alone after an attempt on it broke, while there is another. */
  static final Duration AVOID_BROKEN = Duration.ofSeconds(5);

  private final LongSupplier nanos;
  private final InstantSource clock;
  private final Self configured;
  private final EjectionListener listener;
  private final Map<ServiceEndpoints.Address, EndpointLoad> loads = new ConcurrentHashMap<>();
  private final Map<String, ServiceEndpoints> services = new ConcurrentHashMap<>();
  private final Map<ListKey, Pool> pools = new ConcurrentHashMap<>();
  private volatile Self self;
  private volatile SessionKeys sessionKeys = new SessionKeys("", List.of());
  private volatile int snapshots;

  /** Of the newest snapshot. */
  private volatile MeshSettings settings = MeshSettings.DEFAULT;

  /**
   * Chooses without knowing any endpoint.
   *
   * @param nanos a monotonic clock
   * @param clock tells when sessions end, to other agents, too
   * @param self what the agent's settings say of its workload; snapshots add the rest
   */
  public EndpointChoice(
      LongSupplier nanos, InstantSource clock, Self self, EjectionListener listener) {
    this.nanos = nanos;
    this.clock = clock;
    this.configured = self;
    this.self = self;
    this.listener = listener;
  }

  /** A list and what is said of it, by identity: a router makes both once per destination. */
  private record ListKey(List<Endpoint> endpoints, List<TrafficPolicy> policies) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ListKey key && key.endpoints == endpoints && key.policies == policies;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(endpoints) * 31 + System.identityHashCode(policies);
    }
  }

  /**
   * Chooses an endpoint, which is in flight from now on: every choice must be {@link #finished}.
   *
   * @param tried endpoints that this request has failed on; chosen only when nothing else is left
   * @return null when no endpoint may be used: all are ejected, and the policy wants no panic
   */
  public @Nullable Picked choose(
      Decision.Forward forward,
      MeshSettings mesh,
      Call call,
      Set<Endpoint> tried,
      RandomGenerator dice) {
    long now = nanos.getAsLong();
    Pool pool = pool(forward, mesh, now, dice);
    Balancing balancing = pool.balancing();
    Selection selection = new Selection(balancing, pool.view(now), now, tried, dice);
    SessionPersistence persistence = persistence(forward, balancing);
    if (persistence != null) {
      return inSession(persistence, pool, selection, call, dice, now);
    }
    if (balancing.hashes()) {
      HashKeys.Hashed hashed = HashKeys.of(balancing.hash(), call, self, dice);
      return picked(pool, selection.hashed(hashed.hash()), selection, hashed.cookie(), now);
    }
    return picked(pool, plain(pool, selection, call), selection, null, now);
  }

  private static @Nullable SessionPersistence persistence(
      Decision.Forward forward, Balancing balancing) {
    return forward.delivery().actions().session().orElse(balancing.session());
  }

  @Override
  public Hold hold(Decision.Forward forward, Call call) {
    Pool pool = pool(forward, settings, nanos.getAsLong(), ThreadLocalRandom.current());
    SessionPersistence persistence = persistence(forward, pool.balancing());
    Session session =
        persistence == null
            ? null
            : session(
                persistence, pool.sessions(sessionKeys), call, clock.instant().getEpochSecond());
    if (session == null) {
      return Hold.NONE;
    }
    return session.member() == null ? Hold.SERVICE : Hold.ENDPOINT;
  }

  /** Without session and hash. */
  private static @Nullable Member plain(Pool pool, Selection selection, Call call) {
    if (pool.balancing().algorithm() == Algorithm.PASSTHROUGH) {
      Member called = pool.at(call.host(), call.port());
      if (called != null) {
        return called;
      }
    }
    return selection.spread();
  }

  private @Nullable Picked inSession(
      SessionPersistence persistence,
      Pool pool,
      Selection selection,
      Call call,
      RandomGenerator dice,
      long now) {
    SessionKeys.Index index = pool.sessions(sessionKeys);
    long seconds = clock.instant().getEpochSecond();
    Session session = session(persistence, index, call, seconds);
    Member known = session == null ? null : session.member();
    if (session != null && known != null && selection.takes(known)) {
      boolean stale =
          !session.newest() || (persistence.idleTimeout().isPresent() && session.used() != seconds);
      HeaderEdit edit =
          stale ? edit(persistence, index, known, call, session.begun(), seconds) : null;
      return picked(pool, known, selection, edit, now);
    }
    Balancing balancing = pool.balancing();
    Member member =
        balancing.hashes()
            ? selection.hashed(HashKeys.of(balancing.hash(), call, self, dice).hash())
            : plain(pool, selection, call);
    if (member == null) {
      return null;
    }
    HeaderEdit edit = edit(persistence, index, member, call, seconds, seconds);
    return picked(pool, member, selection, edit, now);
  }

  private static @Nullable Session session(
      SessionPersistence persistence, SessionKeys.Index index, Call call, long seconds) {
    String key;
    if (persistence.kind() == SessionKind.COOKIE) {
      key = Cookies.value(call, persistence.name());
    } else {
      List<String> values = call.header(persistence.name());
      key = values.isEmpty() ? null : values.get(0);
    }
    Session session = key == null ? null : index.read(key);
    return session == null
            || session.over(persistence.absoluteTimeout(), persistence.idleTimeout(), seconds)
        ? null
        : session;
  }

  private static HeaderEdit edit(
      SessionPersistence persistence,
      SessionKeys.Index index,
      Member member,
      Call call,
      long begun,
      long seconds) {
    String key = index.write(member, begun, seconds);
    if (persistence.kind() == SessionKind.HEADER) {
      return new HeaderEdit(HeaderEdit.Kind.SET, persistence.name(), key);
    }
    Duration age = persistence.permanent() ? persistence.absoluteTimeout().orElse(null) : null;
    Duration left = age == null ? null : age.minusSeconds(seconds - begun);
    return Cookies.set(call, persistence.name(), key, left, persistence.path().orElse("/"));
  }

  private static @Nullable Picked picked(
      Pool pool,
      @Nullable Member member,
      Selection selection,
      @Nullable HeaderEdit header,
      long now) {
    if (member == null) {
      return null;
    }
    boolean probe =
        selection.probe()
            || (pool.balancing().outliers() != null && member.standing().claim(now)); // in a panic
    member.state().load().started();
    return new Picked(pool, member, probe, header);
  }

  /**
   * Takes in how an attempt went; the first outcome counts.
   *
   * @param latency since the attempt began
   */
  public void outcome(Picked picked, Outcome outcome, Duration latency) {
    if (!picked.judge()) {
      return;
    }
    long now = nanos.getAsLong();
    if (outcome.timed()) {
      picked.load().observe(latency, now);
    } else if (outcome.broken()) {
      picked.load().avoid(AVOID_BROKEN, now);
    }
    Outliers outliers = picked.pool().balancing().outliers();
    if (outliers == null) {
      return;
    }
    ServiceEndpoints service = picked.pool().service();
    if (picked.probe()) {
      service.probed(picked.member(), outliers, outcome.signal(), now);
    } else {
      service.judge(picked.member(), picked.pool(), outliers, outcome.signal(), now);
    }
  }

  /** An attempt is over, its response read; without an outcome it was given up. Idempotent. */
  public void finished(Picked picked) {
    if (picked.finish()) {
      outcome(picked, Outcome.Failure.GIVEN_UP, Duration.ZERO);
      picked.load().finished();
    }
  }

  /** Whether the endpoint has ever been a candidate. */
  public boolean knows(Endpoint endpoint) {
    return loads.containsKey(ServiceEndpoints.Address.of(endpoint));
  }

  /** What the endpoint costs, for all services. */
  public EndpointLoad load(Endpoint endpoint) {
    return loads.computeIfAbsent(
        ServiceEndpoints.Address.of(endpoint),
        address -> new EndpointLoad(nanos.getAsLong(), EndpointLoad.START, Duration.ofNanos(1)));
  }

  private Pool pool(Decision.Forward forward, MeshSettings mesh, long now, RandomGenerator dice) {
    ListKey key = new ListKey(forward.endpoints(), forward.delivery().policies());
    Pool pool = pools.get(key);
    if (pool == null || !pool.fits(forward, mesh)) {
      pool = prepared(forward, mesh, now, dice);
      pools.put(key, pool);
    }
    if (pool.used != snapshots) {
      pool.used = snapshots;
    }
    return pool;
  }

  private Pool prepared(
      Decision.Forward forward, MeshSettings mesh, long now, RandomGenerator dice) {
    ServiceEndpoints service =
        services.computeIfAbsent(
            forward.service().key(),
            missing ->
                new ServiceEndpoints(
                    forward.service().name(), forward.service().namespace(), listener));
    // Where nobody is known, nobody is new: slow start is for those that join others.
    boolean first = forward.endpoints().stream().noneMatch(service::knows);
    List<Member> members = new ArrayList<>(forward.endpoints().size());
    for (Endpoint endpoint : forward.endpoints()) {
      members.add(new Member(endpoint, service.state(endpoint, load(endpoint), now, first)));
    }
    return Pool.of(forward, mesh, service, members, self, now, dice);
  }

  /** Follows a new snapshot: forgets the endpoints that it no longer has. */
  public void keep(Snapshot snapshot) {
    settings = snapshot.mesh();
    Self now = configured.in(snapshot.inbound());
    if (!now.equals(self)) {
      self = now;
      pools.clear();
    }
    if (!sessionKeys.madeBy(snapshot.trustDomain(), snapshot.trustBundle())) {
      sessionKeys = new SessionKeys(snapshot.trustDomain(), snapshot.trustBundle());
    }
    Set<ServiceEndpoints.Address> all = new HashSet<>();
    Map<String, Set<ServiceEndpoints.Address>> byService = new HashMap<>();
    for (Service service : snapshot.services()) {
      Set<ServiceEndpoints.Address> own = new HashSet<>();
      service.endpoints().forEach(endpoint -> own.add(ServiceEndpoints.Address.of(endpoint)));
      all.addAll(own);
      byService.put(service.key(), own);
    }
    services.keySet().retainAll(byService.keySet());
    services.forEach((key, known) -> known.keep(byService.getOrDefault(key, Set.of())));
    loads.keySet().retainAll(all);
    // Requests that began under the snapshot before may still ask for its lists.
    int last = snapshots;
    pools.values().removeIf(pool -> pool.used != last);
    snapshots = last + 1;
  }
}
