package dev.weft.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Decides where calls go. Built once per snapshot, so that a decision costs neither the number of
 * services nor that of endpoints. Immutable; thread-safe.
 *
 * @see <a href="https://gateway-api.sigs.k8s.io/geps/gep-1426/">GEP-1426, mesh routes</a>
 */
public final class Router {
  private final Map<String, Service> byHost = new ConcurrentHashMap<>();

  /** Indexes a snapshot's services. */
  public Router(Snapshot snapshot) {
    for (Service service : snapshot.services()) {
      for (String host : service.hosts()) {
        byHost.putIfAbsent(host, service);
      }
    }
  }

  /** Pure: the same call, snapshot and dice always give the same decision. */
  public Decision decide(Call call, RandomGenerator dice) {
    Service service = byHost.get(call.host());
    if (service == null) {
      return new Decision.PassThrough("no-service");
    }
    return new Decision.Forward(
        "no-route",
        service,
        service.endpoints(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }
}
