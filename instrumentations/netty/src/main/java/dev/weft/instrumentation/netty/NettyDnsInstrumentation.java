package dev.weft.instrumentation.netty;

import static net.bytebuddy.matcher.ElementMatchers.namedOneOf;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import dev.weft.instrumentation.Instrumentation;
import dev.weft.instrumentation.TypeWeave;
import dev.weft.instrumentation.Weave;
import java.util.List;

/**
 * Netty's own DNS resolver, which never asks {@code InetAddress}. It looks into the hosts file
 * before its cache and the network, for one address and for all: there it learns the mesh's hosts.
 */
public final class NettyDnsInstrumentation implements Instrumentation {
  @Override
  public String name() {
    return "netty-dns";
  }

  @Override
  public List<TypeWeave> types() {
    return List.of(
        new TypeWeave(
            "io.netty.resolver.dns.DnsNameResolver",
            TypeWeave.Copies.RELOCATED,
            List.of(
                new Weave(
                    namedOneOf("resolveHostsFileEntry", HostsFileAdvice.ALL)
                        .and(takesArguments(String.class)),
                    HostsFileAdvice.class.getName()))));
  }
}
