package dev.weft.agent.wire;

import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.control.VirtualAddresses;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names of the mesh, resolved both ways without DNS. A name has an IPv4 and an IPv6 address where
 * the JVM speaks IPv6; {@code java.net.preferIPv4Stack} and {@code java.net.preferIPv6Addresses}
 * mean what they mean to the JDK. Thread-safe.
 */
final class MeshNames {
  /** Which addresses a name has, in which order. */
  enum Families {
    IPV4,
    IPV4_FIRST,
    IPV6_FIRST;

    /**
     * Those of this JVM.
     *
     * @param preferIpv6Addresses the system property; {@code system} is IPv4 first, because no host
     *     has a source address that would suit the virtual prefix better
     */
    static Families of(boolean ipv6, @Nullable String preferIpv6Addresses) {
      if (!ipv6) {
        return IPV4;
      }
      return "true".equalsIgnoreCase(preferIpv6Addresses) ? IPV6_FIRST : IPV4_FIRST;
    }
  }

  private final Snapshots snapshots;
  private final Families families;

  MeshNames(Snapshots snapshots, Families families) {
    this.snapshots = snapshots;
    this.families = families;
  }

  /** The addresses of a host; null: it is none of the mesh's. */
  InetAddress @Nullable [] resolve(@Nullable String host) {
    MeshView view = snapshots.current();
    if (view == null || host == null) {
      return null;
    }
    Service service = view.host(host);
    try {
      if (service != null && service.virtualAddress().isEmpty()) {
        return service.external().isEmpty() ? headless(host, service) : null;
      }
      String address = service == null ? named(view, host) : service.virtualAddress();
      if (address.isEmpty()) {
        return null;
      }
      byte[] bytes = InetAddress.getByName(address).getAddress(); // a literal
      InetAddress ipv4 = InetAddress.getByAddress(host, bytes);
      InetAddress ipv6 = VirtualAddresses.twin(host, ipv4);
      return switch (families) {
        case IPV4 -> new InetAddress[] {ipv4};
        case IPV4_FIRST -> new InetAddress[] {ipv4, ipv6};
        case IPV6_FIRST -> new InetAddress[] {ipv6, ipv4};
      };
    } catch (UnknownHostException e) {
      throw new IllegalStateException("virtual address of " + host, e);
    }
  }

  /** As DNS has it for a Service without an address of its own; null: leave it to DNS. */
  private static InetAddress @Nullable [] headless(@Nullable String host, Service service)
      throws UnknownHostException {
    Set<InetAddress> addresses = new LinkedHashSet<>();
    for (Endpoint endpoint : service.endpoints()) {
      if (endpoint.ready()) {
        byte[] bytes = InetAddress.getByName(endpoint.address()).getAddress(); // a literal
        addresses.add(InetAddress.getByAddress(host, bytes));
      }
    }
    return addresses.isEmpty() ? null : addresses.toArray(InetAddress[]::new);
  }

  /** Whoever resolves a name connects next: of what is only named, the rest is asked for now. */
  private String named(MeshView view, String host) {
    DirectoryEntry entry = view.entry(host);
    if (entry == null) {
      return "";
    }
    snapshots.wants().ask(entry);
    return entry.virtualAddress();
  }

  /**
   * The name of a virtual address: the service's longest one, or the address itself when no service
   * has it (any more), because DNS can only keep the caller waiting. Null: it is not virtual.
   */
  @Nullable String name(InetAddress address) {
    MeshView view = snapshots.current();
    if (view == null || !VirtualAddresses.contain(address)) {
      return null;
    }
    Service service = view.virtual(address);
    DirectoryEntry entry = view.entry(address);
    List<String> hosts =
        service != null ? service.hosts() : entry != null ? entry.hosts() : List.of();
    return hosts.isEmpty() ? address.getHostAddress() : hosts.get(hosts.size() - 1);
  }

  /** Whether the address means something to the mesh only, so that no proxy can use it. */
  boolean virtual(InetAddress address) {
    return snapshots.current() != null && VirtualAddresses.contain(address);
  }
}
