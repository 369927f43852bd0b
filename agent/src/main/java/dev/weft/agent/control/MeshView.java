package dev.weft.agent.control;

import dev.weft.agent.token.TokenGate;
import dev.weft.policy.Access;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Endpoint;
import dev.weft.policy.MeshWorkload;
import dev.weft.policy.Router;
import dev.weft.policy.Service;
import dev.weft.policy.Snapshot;
import dev.weft.policy.SpiffeId;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
  private final Access access;
  private final TokenGate tokens;
  private final Map<AddressAndPort, Endpoint> byAddress = new HashMap<>();
  private final Map<Endpoint, Service> serviceOf = new HashMap<>();
  private final Set<AddressAndPort> contested = new HashSet<>();
  private final Set<InetAddress> workloads = new HashSet<>();
  private final Map<AddressAndPort, String> unnamed = new HashMap<>();
  private final Set<String> registered = new HashSet<>();
  private final Set<String> revoked;
  private final Map<InetAddress, Service> byVirtualAddress = new HashMap<>();
  private final Map<String, Service> byHost = new HashMap<>();
  private final Map<InetAddress, DirectoryEntry> namedByAddress = new HashMap<>();
  private final Map<String, DirectoryEntry> namedByHost = new HashMap<>();
  private final List<Cidr> meshNetworks = new ArrayList<>();

  private record AddressAndPort(InetAddress address, int port) {}

  /**
   * Indexes a snapshot.
   *
   * @throws IllegalArgumentException when an address is no IP literal or a mesh network no CIDR
   */
  public MeshView(Snapshot snapshot) {
    this(snapshot, null);
  }

  /**
   * Indexes a snapshot; what has not changed since {@code previous} is not worked out again.
   *
   * @throws IllegalArgumentException when an address is no IP literal or a mesh network no CIDR
   */
  MeshView(Snapshot snapshot, @Nullable MeshView previous) {
    this.snapshot = snapshot;
    this.router = new Router(snapshot, previous == null ? null : previous.router);
    this.access = Access.of(snapshot.inbound());
    this.tokens = TokenGate.of(snapshot.inbound().jwtRules());
    for (Service service : snapshot.services()) {
      if (!service.virtualAddress().isEmpty()) {
        InetAddress virtual = literal(service.virtualAddress());
        byVirtualAddress.putIfAbsent(virtual, service);
        byVirtualAddress.putIfAbsent(VirtualAddresses.twin(null, virtual), service);
      }
      service.hosts().forEach(host -> byHost.putIfAbsent(host, service));
      for (Endpoint endpoint : service.endpoints()) {
        InetAddress address = literal(endpoint.address());
        serviceOf.putIfAbsent(endpoint, service);
        index(new AddressAndPort(address, endpoint.port()), endpoint);
        if (endpoint.mesh()) {
          workloads.add(address);
        }
      }
    }
    for (MeshWorkload workload : snapshot.workloads()) {
      InetAddress address = literal(workload.address());
      workloads.add(address);
      registered.add(workload.spiffeId());
      for (int port : workload.ports()) {
        listener(new AddressAndPort(address, port), workload.spiffeId());
      }
    }
    for (DirectoryEntry entry : snapshot.directory()) {
      InetAddress virtual = literal(entry.virtualAddress());
      namedByAddress.put(virtual, entry);
      namedByAddress.put(VirtualAddresses.twin(null, virtual), entry);
      entry.hosts().forEach(host -> namedByHost.putIfAbsent(host, entry));
    }
    this.revoked = Set.copyOf(snapshot.mesh().revoked());
    snapshot.mesh().meshNetworks().forEach(cidr -> meshNetworks.add(Cidr.parse(cidr)));
  }

  /**
   * Endpoints of several services may be one socket. Where they disagree about who listens there,
   * mesh beats plaintext, and two identities are remembered as contested.
   */
  private void index(AddressAndPort key, Endpoint endpoint) {
    Endpoint known = byAddress.get(key);
    if (known == null || (!known.mesh() && endpoint.mesh())) {
      byAddress.put(key, endpoint);
    } else if (endpoint.mesh() && !known.spiffeId().equals(endpoint.spiffeId())) {
      contested.add(key);
    }
  }

  /** Where two identities listen, nobody knows whom to expect. */
  private void listener(AddressAndPort key, String spiffeId) {
    unnamed.merge(key, spiffeId, (one, other) -> one.equals(other) ? one : "");
    Endpoint endpoint = byAddress.get(key);
    if (endpoint != null && endpoint.mesh() && !endpoint.spiffeId().equals(spiffeId)) {
      contested.add(key);
    }
  }

  /** Whether several identities claim the endpoint's address and port. */
  public boolean contested(Endpoint endpoint) {
    return !contested.isEmpty()
        && contested.contains(new AddressAndPort(literal(endpoint.address()), endpoint.port()));
  }

  /** The snapshot itself. */
  public Snapshot snapshot() {
    return snapshot;
  }

  /** Decides requests on this snapshot. */
  public Router router() {
    return router;
  }

  /** Decides who may call this workload. */
  public Access access() {
    return access;
  }

  /** Judges the tokens that come with calls to this workload. */
  public TokenGate tokens() {
    return tokens;
  }

  /** The endpoint at an address and port, or null. */
  public @Nullable Endpoint endpoint(InetAddress address, int port) {
    return byAddress.get(new AddressAndPort(address, port));
  }

  /** The service to which an endpoint of this view belongs. */
  public @Nullable Service service(Endpoint endpoint) {
    return serviceOf.get(endpoint);
  }

  /**
   * The SPIFFE ID of the workload that listens at an address and port which no service names; null:
   * nobody knows; empty: several claim it.
   */
  public @Nullable String listener(InetAddress address, int port) {
    return unnamed.get(new AddressAndPort(address, port));
  }

  /** Whether a workload with this identity runs, as far as the registry knows. */
  public boolean registered(SpiffeId id) {
    return registered.contains(id.toString());
  }

  /** Whether policy has revoked this identity. */
  public boolean revoked(SpiffeId id) {
    return !revoked.isEmpty() && revoked.contains(id.toString());
  }

  /** Whether some workload of the mesh has this address. */
  public boolean workloadAt(InetAddress address) {
    return workloads.contains(address) || inMeshNetwork(address);
  }

  /** The endpoint at an IP literal and port, or null. */
  public @Nullable Endpoint endpoint(String address, int port) {
    InetAddress parsed = Addresses.parse(address);
    return parsed == null ? null : endpoint(parsed, port);
  }

  /** The service behind a virtual address, or null. */
  public @Nullable Service virtual(InetAddress address) {
    return byVirtualAddress.get(address);
  }

  /** The service behind a virtual address (an IP literal), or null. */
  public @Nullable Service virtual(String address) {
    InetAddress parsed = Addresses.parse(address);
    return parsed == null ? null : virtual(parsed);
  }

  /**
   * The service that a host names, in any case, or null. A dot at the end marks the name as
   * complete.
   */
  public @Nullable Service host(String host) {
    Service service = byHost.get(host);
    return service != null ? service : byHost.get(plain(host));
  }

  private static String plain(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return name.toLowerCase(Locale.ROOT);
  }

  /** The service that a host names and of which only the name is known, or null. */
  public @Nullable DirectoryEntry entry(String host) {
    if (namedByHost.isEmpty() || byHost.containsKey(host)) {
      return null;
    }
    DirectoryEntry entry = namedByHost.get(plain(host));
    if (entry != null) {
      return entry;
    }
    InetAddress parsed = Addresses.parse(host);
    return parsed == null ? null : entry(parsed);
  }

  /** The service behind a virtual address of which only the name is known, or null. */
  public @Nullable DirectoryEntry entry(InetAddress address) {
    return namedByAddress.get(address);
  }

  /** Whether only the name of this service is known. */
  boolean named(DirectoryEntry entry) {
    return namedByAddress.containsKey(literal(entry.virtualAddress()));
  }

  /**
   * Whether an address without endpoint counts as a mesh workload all the same ({@code
   * meshNetworks}): connect with mesh TLS and accept any identity of the trust domain.
   */
  public boolean inMeshNetwork(InetAddress address) {
    for (Cidr network : meshNetworks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static InetAddress literal(String address) {
    InetAddress parsed = Addresses.parse(address);
    if (parsed == null) {
      throw new IllegalArgumentException("expected an IP literal, found \"" + address + "\"");
    }
    return parsed;
  }
}
