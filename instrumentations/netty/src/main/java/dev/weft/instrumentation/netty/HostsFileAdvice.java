package dev.weft.instrumentation.netty;

import java.net.InetAddress;
import java.util.List;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner.Typing;
import org.jspecify.annotations.Nullable;

/**
 * Woven into {@code DnsNameResolver.resolveHostsFileEntry(String)}, which answers with one address,
 * and {@code resolveHostsFileEntries}, which answers with all and which older versions lack.
 */
public final class HostsFileAdvice {
  /** The method that answers with a list. */
  static final String ALL = "resolveHostsFileEntries";

  private HostsFileAdvice() {}

  /** A host of the mesh has the mesh's addresses, whatever the hosts file says. */
  @Advice.OnMethodExit(inline = false)
  @Advice.AssignReturned.ToReturned(typing = Typing.DYNAMIC)
  public static @Nullable Object exit(
      @Advice.Origin("#m") String method,
      @Advice.Argument(0) String host,
      @Advice.FieldValue("resolvedAddressTypes") Object wanted,
      @Advice.Return(typing = Typing.DYNAMIC) @Nullable Object entry) {
    List<InetAddress> mesh = MeshHosts.addresses(host, wanted);
    if (mesh.isEmpty()) {
      return entry;
    }
    return method.equals(ALL) ? mesh : mesh.get(0);
  }
}
