package dev.weft.agent.control;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Router;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot with the indexes that the hot path needs. Built once per snapshot. Immutable;
 * thread-safe.
 */
public final class MeshView {
  private final Snapshot snapshot;
  private final Router router;
  private final Map<String, Endpoint> byAddress = new HashMap<>();
  private final Map<String, Service> byVirtualAddress = new HashMap<>();
  private final Map<String, Service> byHost = new HashMap<>();

  /** Indexes a snapshot. */
  public MeshView(Snapshot snapshot) {
    this.snapshot = snapshot;
    this.router = new Router(snapshot);
    for (Service service : snapshot.services()) {
      byVirtualAddress.put(service.virtualAddress(), service);
      service.hosts().forEach(host -> byHost.putIfAbsent(host, service));
      for (Endpoint endpoint : service.endpoints()) {
        byAddress.putIfAbsent(endpoint.address() + ":" + endpoint.port(), endpoint);
      }
    }
  }

  /** The snapshot itself. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /** Decides requests on this snapshot. */
  public Router router() {
    return router;
  }

  /** The endpoint at an IP literal and port, or null. */
  public @Nullable Endpoint endpoint(String address, int port) {
    return byAddress.get(address + ":" + port);
  }

  /** The service behind a virtual address (an IP literal), or null. */
  public @Nullable Service virtual(String address) {
    return byVirtualAddress.get(address);
  }

  /** The service that a host names, or null. */
  public @Nullable Service host(String host) {
    return byHost.get(host);
  }
}
