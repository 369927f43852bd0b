package dev.weft.agent.balance;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The endpoints of one service that have been seen. Thread-safe. */
final class ServiceEndpoints {
  private final String name;
  private final String namespace;
  private final EjectionListener listener;
  private final Map<Address, EndpointState> states = new ConcurrentHashMap<>();
  private final AtomicLong version = new AtomicLong();

  ServiceEndpoints(String name, String namespace, EjectionListener listener) {
    this.name = name;
    this.namespace = namespace;
    this.listener = listener;
  }

  /** Where an endpoint listens. */
  record Address(String host, int port) {
    static Address of(Endpoint endpoint) {
      return new Address(endpoint.address(), endpoint.port());
    }
  }

  /** Kubernetes' {@code namespace/name}. */
  String service() {
    return namespace + "/" + name;
  }

  boolean is(Service service) {
    return service.name().equals(name) && service.namespace().equals(namespace);
  }

  boolean knows(Endpoint endpoint) {
    return states.containsKey(Address.of(endpoint));
  }

  /**
   * What is remembered of an endpoint.
   *
   * @param grown whether it has its whole share at once if it is seen for the first time
   */
  EndpointState state(Endpoint endpoint, EndpointLoad load, long now, boolean grown) {
    return states.computeIfAbsent(
        Address.of(endpoint), address -> new EndpointState(load, new Standing(), now, grown));
  }

  void keep(Set<Address> kept) {
    states.keySet().retainAll(kept);
  }

  /** Another one whenever an endpoint has been left out or taken back. */
  long version() {
    return version.get();
  }

  /** Takes an outcome in. */
  void judge(Member member, Pool pool, Outliers outliers, Outcome.Signal signal, long now) {
    String reason = member.standing().count(signal, outliers);
    if (reason != null) {
      eject(member, pool, outliers, reason, now);
    }
  }

  private void eject(Member member, Pool pool, Outliers outliers, String reason, long now) {
    Standing standing = member.standing();
    int most = outliers.most(pool.size());
    if (pool.view(now).out() >= most) {
      return; // without the lock: storms of failures come here
    }
    synchronized (this) {
      if (standing.out() || pool.view(now).out() >= most) {
        return;
      }
      out(member, outliers, reason, now);
    }
  }

  /** Ends a probe. */
  synchronized void probed(Member member, Outliers outliers, Outcome.Signal signal, long now) {
    if (signal == Outcome.Signal.NOTHING) {
      member.standing().giveUp();
    } else if (outliers.failure(signal)) {
      out(member, outliers, "probe-failed", now);
    } else {
      member.standing().comeBack(now);
      version.incrementAndGet();
      listener.returned(service(), member.endpoint());
    }
  }

  private void out(Member member, Outliers outliers, String reason, long now) {
    Duration time = member.standing().eject(outliers, now);
    version.incrementAndGet();
    listener.ejected(service(), member.endpoint(), reason, time);
  }
}
