package dev.weft.instrumentation.netty;

import dev.weft.instrumentation.TransportMesh;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** A mesh with one host, {@code orders}. */
final class FakeTransportMesh implements TransportMesh {
  /** What happened, in order. */
  final List<String> events = new ArrayList<>();

  private final List<InetAddress> addresses;

  FakeTransportMesh(InetAddress... addresses) {
    this.addresses = List.of(addresses);
  }

  @Override
  public List<InetAddress> resolve(String host) {
    return host.equals("orders") ? addresses : List.of();
  }

  @Override
  public synchronized void steered(String transport) {
    events.add("steered " + transport);
  }

  @Override
  public synchronized void refused(String transport) {
    events.add("refused " + transport);
  }
}
