package dev.weft.agent.wire;

import dev.weft.agent.control.MeshView;
import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.policy.ConnectionPool;
import dev.weft.policy.Decision;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Service;
import dev.weft.policy.SpiffeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What a connect call is about, by one snapshot: the places to which it may lead. Immutable.
 *
 * @param service null: an address that policy knows without a service
 * @param endpoints several when the application named a service, not an address; empty: nothing is
 *     known of the address, but that it belongs to the mesh
 * @param unnamed those of the endpoints that belong to the mesh by their network alone: nobody
 *     knows who is there
 * @param identity where there are no endpoints: who must be there; null: any identity of the mesh
 * @param asked what the application wants to connect to
 */
record Destination(
    @Nullable Service service,
    List<Endpoint> endpoints,
    List<Endpoint> unnamed,
    @Nullable SpiffeId identity,
    InetSocketAddress asked) {

  /**
   * What the mesh makes of an address; null: nothing, it is outside.
   *
   * @throws MeshHandshakeException when no endpoint may be called
   */
  static @Nullable Destination of(MeshView view, InetSocketAddress remote) throws IOException {
    InetAddress address = remote.getAddress();
    int port = remote.getPort();
    Endpoint endpoint = view.endpoint(address, port);
    if (endpoint != null) {
      requireClear(view, endpoint);
      List<Endpoint> found = List.of(endpoint);
      return new Destination(view.service(endpoint), found, unnamed(view, found), null, remote);
    }
    Service service = view.virtual(address);
    if (service != null) {
      return balanced(view, service, remote);
    }
    DirectoryEntry entry = view.entry(address);
    if (entry != null) {
      throw new MeshHandshakeException(
          "the config server has not sent service " + entry.key() + " yet");
    }
    String listener = view.listener(address, port);
    if (listener != null) {
      requireOne(listener, remote);
      return new Destination(null, List.of(), List.of(), SpiffeId.parse(listener), remote);
    }
    return view.inMeshNetwork(address)
        ? new Destination(null, List.of(), List.of(), null, remote)
        : null;
  }

  /**
   * Endpoints that documents list and nobody registered, at addresses of a mesh network. One that
   * is registered and yet not of the mesh is where the mesh was told to stay out.
   */
  private static List<Endpoint> unnamed(MeshView view, List<Endpoint> endpoints)
      throws UnknownHostException {
    List<Endpoint> unnamed = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      if (!endpoint.mesh()
          && endpoint.workload().isEmpty()
          && view.inMeshNetwork(InetAddress.getByName(endpoint.address()))) { // a literal
        unnamed.add(endpoint);
      }
    }
    return List.copyOf(unnamed);
  }

  private static Destination balanced(MeshView view, Service called, InetSocketAddress remote)
      throws IOException {
    Service service = called;
    List<Endpoint> candidates = called.endpoints();
    int port = remote.getPort();
    if (called.routesConnections()) {
      Decision.Forward forward = routed(view, called, remote);
      service = forward.service();
      candidates = forward.endpoints();
      port = candidates.get(0).servicePort();
    }
    List<Endpoint> ready = new ArrayList<>();
    Endpoint contested = null;
    for (Endpoint endpoint : candidates) {
      if (endpoint.ready() && endpoint.servicePort() == port) {
        if (view.contested(endpoint)) {
          contested = endpoint;
        } else {
          ready.add(endpoint);
        }
      }
    }
    if (ready.isEmpty() && contested != null) {
      requireClear(view, contested);
    }
    if (ready.isEmpty()) {
      throw new MeshHandshakeException(
          "no ready endpoint for port " + port + " of service " + service.key());
    }
    return new Destination(service, List.copyOf(ready), unnamed(view, ready), null, remote);
  }

  /** Where {@code TCPRoute}s and {@code TLSRoute}s send it. */
  private static Decision.Forward routed(MeshView view, Service service, InetSocketAddress remote)
      throws IOException {
    Decision decision =
        view.router()
            .connect(
                service.virtualAddress(),
                remote.getPort(),
                remote.getHostString(),
                ThreadLocalRandom.current());
    if (decision instanceof Decision.Forward forward) {
      return forward;
    }
    String reason = decision instanceof Decision.Reject reject ? reject.reason() : "no route";
    throw new MeshHandshakeException("refused by rule " + decision.rule() + ": " + reason);
  }

  private static void requireClear(MeshView view, Endpoint endpoint) throws IOException {
    if (endpoint.mesh() && view.contested(endpoint)) {
      throw new MeshHandshakeException(
          "several identities claim "
              + endpoint.address()
              + ":"
              + endpoint.port()
              + ", "
              + endpoint.spiffeId()
              + " among them: not connecting to either");
    }
  }

  private static void requireOne(String listener, InetSocketAddress remote) throws IOException {
    if (listener.isEmpty()) {
      throw new MeshHandshakeException(
          "several identities claim " + remote + ": not connecting to any");
    }
  }

  /** How this client connects to the service; null: by the defaults. */
  @Nullable ConnectionPool pool() {
    return service == null ? null : service.pool().orElse(null);
  }

  /** Whether some place that it may lead to is in the mesh. */
  boolean mesh() {
    return endpoints.isEmpty() || !unnamed.isEmpty() || endpoints.stream().anyMatch(Endpoint::mesh);
  }

  /** The only place there is, when {@link #endpoints} is empty. */
  Target target() {
    return new Target(asked, true, identity, null);
  }

  /** One of the endpoints, under the name that the application called. */
  Target target(Endpoint endpoint) throws IOException {
    byte[] bytes = InetAddress.getByName(endpoint.address()).getAddress(); // a literal: no lookup
    InetAddress address = InetAddress.getByAddress(asked.getHostString(), bytes);
    return new Target(
        new InetSocketAddress(address, endpoint.port()),
        endpoint.mesh() || unnamed.contains(endpoint),
        endpoint.mesh() ? SpiffeId.parse(endpoint.spiffeId()) : null,
        endpoint);
  }
}
