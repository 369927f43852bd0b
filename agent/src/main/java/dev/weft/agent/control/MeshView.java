package dev.weft.agent.control;

import dev.weft.policy.Endpoint;
import dev.weft.policy.Router;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot with the indexes that the hot path needs. Built once per snapshot. Immutable;
 * thread-safe.
 */
public final class MeshView {
  private final Snapshot snapshot;
  private final Router router;
  private final Map<AddressPort, Endpoint> byAddress = new HashMap<>();
  private final Set<InetAddress> workloads = new HashSet<>();
  private final Map<InetAddress, Service> byVirtualAddress = new HashMap<>();
  private final Map<String, Service> byHost = new HashMap<>();

  /** Indexes a snapshot. */
  public MeshView(Snapshot snapshot) {
    this.snapshot = snapshot;
    this.router = new Router(snapshot);
    for (Service service : snapshot.services()) {
      byVirtualAddress.put(literal(service.virtualAddress()), service);
      service.hosts().forEach(host -> byHost.putIfAbsent(host, service));
      for (Endpoint endpoint : service.endpoints()) {
        InetAddress address = literal(endpoint.address());
        byAddress.putIfAbsent(new AddressPort(address, endpoint.port()), endpoint);
        if (endpoint.mesh()) {
          workloads.add(address);
        }
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

  /** The endpoint at an address and port, or null. */
  public @Nullable Endpoint endpoint(InetAddress address, int port) {
    return byAddress.get(new AddressPort(address, port));
  }

  /** Whether some workload of the mesh has this address. */
  public boolean workloadAt(InetAddress address) {
    return workloads.contains(address);
  }

  /** The service behind a virtual address, or null. */
  public @Nullable Service virtual(InetAddress address) {
    return byVirtualAddress.get(address);
  }

  /** The service that a host names, or null. */
  public @Nullable Service host(String host) {
    return byHost.get(host);
  }

  private static InetAddress literal(String address) {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IP literal: " + address, e);
    }
  }

  private record AddressPort(InetAddress address, int port) {}
}
