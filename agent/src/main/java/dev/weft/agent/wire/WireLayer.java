package dev.weft.agent.wire;

import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.identity.MeshTls;
import dev.weft.agent.log.Log;
import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.bootstrap.Wire;
import dev.weft.bootstrap.WireHooks;
import dev.weft.policy.Access;
import dev.weft.policy.AccessDecision;
import dev.weft.policy.Endpoint;
import dev.weft.policy.Inbound;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Peer;
import dev.weft.policy.Service;
import dev.weft.policy.SpiffeId;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happens when sockets are made: which connections the mesh takes part in, as whom, with whom.
 * Reads the current {@link MeshView} once per connection. Thread-safe.
 */
public final class WireLayer extends WireHooks implements InboundPeers, ConnectionHost {
  private static final String NO_SNAPSHOT_RULE = "weft.on.failure=closed";
  private static final Duration REFUSAL_LOGGED_EVERY = Duration.ofSeconds(10);

  /** How long the end of the JVM may wait for what was written during handshakes. */
  private static final long EXIT_NANOS = 2_000_000_000L;

  private record InboundKey(InetAddress address, int port, int localPort) {}

  /** Peers and directions seen, for the status report. */
  private record Seen(String direction, String peer, int port) {}

  private final Snapshots snapshots;
  private final MeshTls tls;
  private final OnFailure onFailure;
  private final Log log;
  private final Driver driver;
  private final BufferPool pool = new BufferPool();
  private final PendingReads pending = new PendingReads();
  private final Map<InboundKey, MeshConnection> inbound = new ConcurrentHashMap<>();
  private final Map<Seen, LongAdder> seen = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();
  private volatile IntConsumer opened = port -> {};
  private volatile IntConsumer closed = port -> {};
  private volatile Predicate<InetSocketAddress> requestsChecked = local -> false;

  /** A layer whose driver threads belong to {@code own}. */
  public WireLayer(Snapshots snapshots, MeshTls tls, OnFailure onFailure, ThreadGroup own, Log log)
      throws IOException {
    this.snapshots = snapshots;
    this.tls = tls;
    this.onFailure = onFailure;
    this.log = log;
    this.driver = new Driver(own, log);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(own, () -> driver.finish(EXIT_NANOS), "weft-wire-exit", 0, false));
    snapshots.onChange(view -> reevaluate());
  }

  /** Tells the ports on which sockets of the application start and stop listening. */
  public void onListening(IntConsumer opened, IntConsumer closed) {
    this.opened = opened;
    this.closed = closed;
  }

  /** {@code covered} tells on which ports an adapter checks each request's access. */
  public void requestsCheckedBy(Predicate<InetSocketAddress> covered) {
    requestsChecked = covered;
  }

  // ---- sockets being made ----

  @Override
  public void accepted(FileDescriptor fd, InetSocketAddress remote, boolean asynchronous) {
    MeshView view = snapshots.current();
    if (view == null && onFailure == OnFailure.OPEN) {
      return;
    }
    InetSocketAddress local;
    try {
      local = NativeIo.localAddress(fd);
    } catch (IOException e) {
      refuse(fd); // no port, no policy: nothing may pass
      return;
    }
    int port = local.getPort();
    boolean disabled =
        view != null && view.snapshot().inbound().mtls(port).mode() == MtlsMode.DISABLE;
    if (disabled || asynchronous) {
      acceptedWithoutSession(fd, remote, local);
      return;
    }
    MeshConnection connection = MeshConnection.accepted(this, fd, remote, local);
    inbound.put(key(remote, port), connection);
    Wire.attach(connection);
    connection.start();
  }

  /**
   * A port with mode DISABLE, or a channel that cannot have a session: plaintext, if policy lets a
   * peer without identity in.
   */
  private void acceptedWithoutSession(
      FileDescriptor fd, InetSocketAddress remote, InetSocketAddress local) {
    String refusal = refusesPlaintext(remote, local);
    if (refusal == null) {
      count("inbound", "plaintext", local.getPort());
    } else {
      refused(remote, refusal);
      refuse(fd);
    }
  }

  private static void refuse(FileDescriptor fd) {
    try {
      NativeIo.shutdown(fd, 2);
    } catch (IOException alreadyGone) {
      // nothing left to shut
    }
  }

  @Override
  public @Nullable InetSocketAddress connecting(
      FileDescriptor fd, InetAddress remote, int port, boolean asynchronous) throws IOException {
    MeshView view = snapshots.current();
    if (view == null) {
      return null;
    }
    Endpoint endpoint = view.endpoint(remote, port);
    InetSocketAddress target = null;
    if (endpoint == null) {
      Service service = view.virtual(remote);
      if (service == null) {
        if (view.inMeshNetwork(remote)) {
          join(fd, new InetSocketAddress(remote, port), null, asynchronous);
        } else if (view.workloadAt(remote)) {
          count("outbound", "plaintext", port); // a port of a workload that no service names
        }
        return null;
      }
      endpoint = choose(service, port);
      target =
          new InetSocketAddress(
              InetAddress.getByAddress(
                  remote.getHostName(), InetAddress.getByName(endpoint.address()).getAddress()),
              endpoint.port());
    }
    if (endpoint.mesh()) {
      if (view.contested(endpoint)) {
        throw new MeshHandshakeException(
            "several identities claim "
                + endpoint.address()
                + ":"
                + endpoint.port()
                + ", "
                + endpoint.spiffeId()
                + " among them: not connecting to either");
      }
      InetSocketAddress dialled = target == null ? new InetSocketAddress(remote, port) : target;
      join(fd, dialled, SpiffeId.parse(endpoint.spiffeId()), asynchronous);
    } else {
      count("outbound", "plaintext", port);
    }
    return target;
  }

  /** The connection becomes one of the mesh; {@code expected} null: with any identity of it. */
  private void join(
      FileDescriptor fd,
      InetSocketAddress remote,
      @Nullable SpiffeId expected,
      boolean asynchronous)
      throws IOException {
    if (asynchronous) {
      throw new MeshHandshakeException(
          "AsynchronousSocketChannel is not supported by the mesh: no connection to " + remote);
    }
    Wire.attach(MeshConnection.connecting(this, fd, remote, expected));
  }

  /** Balancing for what no request adapter has routed: any ready endpoint of the port. */
  private static Endpoint choose(Service service, int port) throws IOException {
    List<Endpoint> ready = new ArrayList<>();
    for (Endpoint endpoint : service.endpoints()) {
      if (endpoint.ready() && endpoint.servicePort() == port) {
        ready.add(endpoint);
      }
    }
    if (ready.isEmpty()) {
      throw new MeshHandshakeException(
          "no ready endpoint for port " + port + " of service " + service.key());
    }
    return ready.get(ThreadLocalRandom.current().nextInt(ready.size()));
  }

  @Override
  public void connected(FileDescriptor fd, int status) {
    if (Wire.session(fd) instanceof MeshConnection connection && connection.client()) {
      if (status == 0) {
        Wire.detach(connection);
      } else {
        connection.start();
      }
    }
  }

  @Override
  public void listening(FileDescriptor fd) {
    try {
      int port = NativeIo.localAddress(fd).getPort();
      Wire.attach(new Listener(fd, () -> closed.accept(port)));
      opened.accept(port);
    } catch (IOException closedAlready) {
      // nothing to register
    }
  }

  @Override
  public InetAddress @Nullable [] resolve(@Nullable String host) {
    MeshView view = snapshots.current();
    if (view == null || host == null) {
      return null;
    }
    Service service = view.host(host);
    if (service == null) {
      return null;
    }
    try {
      byte[] address = InetAddress.getByName(service.virtualAddress()).getAddress();
      return new InetAddress[] {InetAddress.getByAddress(host, address)};
    } catch (UnknownHostException e) {
      throw new IllegalStateException("virtual address of " + service.key(), e);
    }
  }

  @Override
  public long beforeSelect(Object selector, long timeout) {
    return pending.beforeSelect(selector, timeout);
  }

  @Override
  public int afterSelect(Object selector, @Nullable Consumer<?> action, int updated)
      throws IOException {
    return pending.afterSelect(selector, action, updated);
  }

  // ---- what connections ask ----

  @Override
  public MeshTls tls() {
    return tls;
  }

  @Override
  public BufferPool pool() {
    return pool;
  }

  @Override
  public PendingReads pending() {
    return pending;
  }

  @Override
  public void awaitReadable(MeshConnection connection) {
    driver.await(connection, NativeIo.POLLIN);
  }

  @Override
  public void awaitWritable(MeshConnection connection) {
    driver.await(connection, NativeIo.POLLOUT);
  }

  @Override
  public void forget(MeshConnection connection) {
    driver.forget(connection);
  }

  @Override
  public boolean plaintextAllowed(int port) {
    return mode(port) != MtlsMode.STRICT;
  }

  @Override
  public @Nullable String refusesPlaintext(MeshConnection connection) {
    return refusesPlaintext(connection.remote(), connection.local());
  }

  private @Nullable String refusesPlaintext(InetSocketAddress remote, InetSocketAddress local) {
    int port = local.getPort();
    if (mode(port) == MtlsMode.STRICT) {
      return "plaintext connection from "
          + remote
          + " to port "
          + port
          + " refused by rule "
          + strictRule(port)
          + ": expected mutual TLS of the mesh";
    }
    return refuses(Peer.PLAINTEXT, remote, local);
  }

  @Override
  public @Nullable String refuses(MeshConnection connection) {
    return connection.client()
        ? null
        : refuses(connection.peer(), connection.remote(), connection.local());
  }

  private @Nullable String refuses(Peer peer, InetSocketAddress remote, InetSocketAddress local) {
    MeshView view = snapshots.current();
    if (view == null) {
      return onFailure == OnFailure.OPEN
          ? null
          : "connection from " + remote + " refused by rule " + NO_SNAPSHOT_RULE;
    }
    if (requestsChecked.test(local)) {
      return null; // the request layer decides each request, and its refusal is a 403 with the rule
    }
    Inbound inbound = view.snapshot().inbound();
    AccessDecision decision = Access.connection(inbound, peer, local.getPort(), false);
    return decision.allowed()
        ? null
        : "connection from "
            + peer.spiffeId().map(SpiffeId::toString).orElse("a peer without identity")
            + " at "
            + remote
            + " to "
            + inbound.spiffeId()
            + " port "
            + local.getPort()
            + " refused by rule "
            + decision.rule()
            + ": "
            + decision.reason();
  }

  /** {@inheritDoc} Under PERMISSIVE it may, to addresses that no workload of the mesh has. */
  @Override
  public boolean mayServerSpeakFirst(MeshConnection connection) {
    MeshView view = snapshots.current();
    return view != null
        && mode(connection.local().getPort()) == MtlsMode.PERMISSIVE
        && !view.workloadAt(connection.remote().getAddress())
        && refuses(connection) == null;
  }

  private MtlsMode mode(int port) {
    MeshView view = snapshots.current();
    if (view == null) {
      return onFailure == OnFailure.OPEN ? MtlsMode.PERMISSIVE : MtlsMode.STRICT;
    }
    return view.snapshot().inbound().mtls(port).mode();
  }

  private String strictRule(int port) {
    MeshView view = snapshots.current();
    return view == null ? NO_SNAPSHOT_RULE : view.snapshot().inbound().mtls(port).rule();
  }

  // ---- what connections tell ----

  @Override
  public void established(MeshConnection connection) {
    String peer = connection.peer().spiffeId().map(SpiffeId::toString).orElse("");
    count(direction(connection), peer, port(connection));
    if (log.debugs()) {
      log.debug(
          "connection established direction="
              + direction(connection)
              + " remote="
              + connection.remote()
              + " peer="
              + peer);
    }
  }

  @Override
  public void passedThrough(MeshConnection connection) {
    count("inbound", "plaintext", connection.local().getPort());
  }

  @Override
  public void failed(MeshConnection connection, String reason, @Nullable Throwable cause) {
    refused(connection.remote(), reason);
    if (cause != null && log.debugs()) {
      log.debug("connection refused because of " + cause);
    }
  }

  /** One line for each peer and while, so that nobody can fill the log by knocking. */
  private void refused(InetSocketAddress remote, String reason) {
    refused.increment();
    log.repeated(
        LogLevel.WARN,
        "refused " + remote.getAddress(),
        REFUSAL_LOGGED_EVERY,
        "connection refused " + reason);
  }

  @Override
  public void closed(MeshConnection connection) {
    if (!connection.client()) {
      inbound.remove(key(connection.remote(), connection.local().getPort()), connection);
    }
  }

  private static String direction(MeshConnection connection) {
    return connection.client() ? "outbound" : "inbound";
  }

  private static int port(MeshConnection connection) {
    return connection.client() ? connection.remote().getPort() : connection.local().getPort();
  }

  private void count(String direction, String peer, int port) {
    seen.computeIfAbsent(new Seen(direction, peer, port), s -> new LongAdder()).increment();
  }

  /** Ends live inbound connections that the new policy does not allow. */
  private void reevaluate() {
    inbound.values().forEach(MeshConnection::reevaluate);
  }

  // ---- what others ask ----

  @Override
  public Peer peer(InetSocketAddress remote, int localPort) {
    MeshConnection connection = inbound.get(key(remote, localPort));
    return connection == null ? Peer.PLAINTEXT : connection.peer();
  }

  /** Connections since the start by direction, peer and port: a list of plain maps. */
  public Map<String, Object> status() {
    List<Map<String, Object>> connections = new ArrayList<>();
    seen.forEach(
        (key, count) -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("direction", key.direction());
          row.put("peer", key.peer());
          row.put("port", key.port());
          row.put("mtls", !key.peer().equals("plaintext"));
          row.put("count", count.sum());
          connections.add(row);
        });
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("connections", connections);
    status.put("refused", refused.sum());
    return status;
  }

  private static InboundKey key(InetSocketAddress remote, int localPort) {
    return new InboundKey(remote.getAddress(), remote.getPort(), localPort);
  }
}
