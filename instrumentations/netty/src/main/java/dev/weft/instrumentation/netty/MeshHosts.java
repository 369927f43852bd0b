package dev.weft.instrumentation.netty;

import dev.weft.instrumentation.Mesh;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The mesh's addresses in the order and of the families that a resolver is set to. */
final class MeshHosts {
  private MeshHosts() {}

  /**
   * The addresses of a host; empty: not of the mesh.
   *
   * @param wanted Netty's {@code ResolvedAddressTypes}: its names have been the same since 4.1.0
   */
  static List<InetAddress> addresses(String host, Object wanted) {
    List<InetAddress> all = Mesh.transport().resolve(withoutRoot(host));
    if (all.isEmpty()) {
      return all;
    }
    String types = wanted.toString();
    Class<? extends InetAddress> first =
        types.startsWith("IPV6") ? Inet6Address.class : Inet4Address.class;
    List<InetAddress> found = new ArrayList<>(all.stream().filter(first::isInstance).toList());
    // Rather the other family than DNS, which knows nothing of the host: any virtual address leads
    // there.
    if (found.isEmpty() || !types.endsWith("_ONLY")) {
      all.stream().filter(address -> !first.isInstance(address)).forEach(found::add);
    }
    return found;
  }

  /** Netty writes a name with a final dot the way it was given. */
  private static String withoutRoot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }
}
