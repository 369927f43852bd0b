package dev.weft.agent.wire;

import dev.weft.agent.balance.Balancer;
import dev.weft.agent.balance.EndpointLoad;
import dev.weft.agent.config.Settings.LogLevel;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.control.VirtualAddresses;
import dev.weft.agent.identity.MeshTls;
import dev.weft.agent.log.Log;
import dev.weft.bootstrap.Wire;
import dev.weft.bootstrap.WireHooks;
import dev.weft.policy.MtlsMode;
import dev.weft.policy.Peer;
import dev.weft.policy.SpiffeId;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.channels.SelectionKey;
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
  private static final Duration REFUSAL_LOGGED_EVERY = Duration.ofSeconds(10);

  /** Connect times below this are equal: among near endpoints only their connections count. */
  private static final Duration NEARBY = Duration.ofMillis(1);

  /**
   * How long a server that speaks first waits for a client's hello. A client of the mesh says it at
   * once; an unknown address is unlikely to be one.
   */
  private static final Duration STRANGER_HELLO = Duration.ofMillis(80);

  private static final Duration WORKLOAD_HELLO = Duration.ofMillis(900);

  /** How long the end of the JVM may wait for what was written during handshakes. */
  private static final long EXIT_NANOS = 2_000_000_000L;

  /** Peers and directions seen, for the status report. */
  private record Seen(String direction, String peer, int port) {}

  private final Snapshots snapshots;
  private final MeshTls tls;
  private final Log log;
  private final Driver driver;
  private final BufferPool pool = new BufferPool();
  private final PendingReads pending = new PendingReads();
  private final InboundRules inbound;
  private final Connections connections = new Connections();
  private final Balancer balancer =
      new Balancer(System::nanoTime, () -> ThreadLocalRandom.current().nextLong(), NEARBY, NEARBY);
  private final MeshNames names;
  private final Map<Seen, LongAdder> seen = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();
  private volatile IntConsumer opened = port -> {};
  private volatile IntConsumer closed = port -> {};

  /** A layer whose driver threads belong to {@code own}. */
  public WireLayer(Snapshots snapshots, MeshTls tls, OnFailure onFailure, ThreadGroup own, Log log)
      throws IOException {
    this.snapshots = snapshots;
    this.tls = tls;
    this.inbound = new InboundRules(snapshots, onFailure);
    this.names =
        new MeshNames(
            snapshots,
            MeshNames.Families.of(
                NativeIo.ipv6(), System.getProperty("java.net.preferIPv6Addresses")));
    this.log = log;
    NativeConnect.init();
    this.driver = new Driver(own, log);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(own, () -> driver.finish(EXIT_NANOS), "weft-wire-exit", 0, false));
    snapshots.onChange(view -> balancer.keep(view.snapshot()));
    snapshots.onChange(view -> reevaluate());
  }

  /** Tells the ports on which sockets of the application start and stop listening. */
  public void onListening(IntConsumer opened, IntConsumer closed) {
    this.opened = opened;
    this.closed = closed;
  }

  /** {@code covered} tells on which ports an adapter checks each request's access. */
  public void requestsCheckedBy(Predicate<InetSocketAddress> covered) {
    inbound.requestsCheckedBy(covered);
  }

  // ---- sockets being made ----

  @Override
  public void accepted(FileDescriptor fd, InetSocketAddress remote) {
    InetSocketAddress local;
    try {
      local = NativeIo.localAddress(fd);
    } catch (IOException e) {
      refuse(fd); // no port, no policy: nothing may pass
      return;
    }
    if (inbound.leavesAlone(local.getPort())) {
      acceptedPlain(fd, remote, local);
      return;
    }
    MeshConnection connection = MeshConnection.accepted(this, fd, remote, local);
    connections.add(connection);
    Wire.attach(connection);
    connection.start();
  }

  /** Plaintext without a look at it, if policy lets a peer without identity in. */
  private void acceptedPlain(FileDescriptor fd, InetSocketAddress remote, InetSocketAddress local) {
    String refusal = inbound.refusesPlaintext(remote, local);
    if (refusal == null) {
      attachPlain(fd, Flow.inbound(local, remote));
    } else {
      refused(remote, refusal);
      refuse(fd);
    }
  }

  private void attachPlain(FileDescriptor fd, Flow flow) {
    PlainConnection connection = new PlainConnection(this, fd, flow);
    connections.add(connection);
    Wire.attach(connection);
    count(direction(flow), "plaintext", flow.port());
    connection.reevaluate(); // the policy may have changed while nobody knew of it
  }

  private static void refuse(FileDescriptor fd) {
    try {
      NativeIo.shutdown(fd, 2);
    } catch (IOException alreadyGone) {
      // nothing left to shut
    }
  }

  @Override
  public int connect(
      @Nullable ProtocolFamily family, FileDescriptor fd, InetSocketAddress remote, Object channel)
      throws IOException {
    MeshView view = snapshots.current();
    InetSocketAddress dialled = dialled(remote);
    Destination destination = view == null ? null : Destination.of(view, dialled);
    if (destination == null || !NativeIo.tcp(fd)) { // Socket(host, port, false) of 17 speaks UDP
      if (view != null && view.workloadAt(dialled.getAddress())) {
        count("outbound", "plaintext", remote.getPort()); // a port that no service names
      }
      return Wire.dial(family, fd, remote.getAddress(), remote.getPort());
    }
    return new Dialing(this, destination, family, fd, channel).begin();
  }

  /** An address in other clothes shall not lead past the policy. */
  private static InetSocketAddress dialled(InetSocketAddress remote) {
    InetAddress address = VirtualAddresses.dialled(remote.getAddress());
    return address.equals(remote.getAddress())
        ? remote
        : new InetSocketAddress(address, remote.getPort());
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
    return names.resolve(host);
  }

  @Override
  public @Nullable String name(InetAddress address) {
    return names.name(address);
  }

  @Override
  public boolean virtual(InetAddress address) {
    return names.virtual(address);
  }

  @Override
  public long beforeSelect(Object selector, long timeout) {
    return pending.beforeSelect(selector, timeout);
  }

  @Override
  public int readyOps(SelectionKey key, int events) {
    return pending.readyOps(key, events);
  }

  @Override
  public int afterSelect(Object selector, @Nullable Consumer<?> action, int updated, long timeout)
      throws IOException {
    return pending.afterSelect(selector, action, updated, timeout);
  }

  @Override
  public void wakeup(Object selector) {
    pending.wakeup(selector);
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
  public void awaitEither(MeshConnection connection) {
    driver.await(connection, NativeIo.POLLIN | NativeIo.POLLOUT);
  }

  @Override
  public void awaitWritable(MeshConnection connection) {
    driver.await(connection, NativeIo.POLLOUT);
  }

  @Override
  public void forget(MeshConnection connection) {
    driver.forget(connection);
    driver.unwatch(connection);
  }

  @Override
  public void watch(MeshConnection connection) {
    driver.watch(connection);
  }

  @Override
  public void unwatch(MeshConnection connection) {
    driver.unwatch(connection);
  }

  @Override
  public boolean plaintextAllowed(int port) {
    return inbound.mode(port) != MtlsMode.STRICT;
  }

  @Override
  public @Nullable String refusesPlaintext(MeshConnection connection) {
    return refusesPlaintext(connection.flow());
  }

  @Nullable String refusesPlaintext(Flow flow) {
    return inbound.refusesPlaintext(flow.remote(), flow.local());
  }

  @Override
  public @Nullable String refuses(MeshConnection connection) {
    return connection.client()
        ? null
        : inbound.refuses(connection.peer(), connection.remote(), connection.local());
  }

  /** {@inheritDoc} Under PERMISSIVE it may, if policy lets a peer without identity in. */
  @Override
  public boolean mayServerSpeakFirst(MeshConnection connection) {
    return inbound.mode(connection.local().getPort()) != MtlsMode.STRICT
        && refuses(connection) == null;
  }

  @Override
  public long clientHelloWithin(MeshConnection connection) {
    MeshView view = snapshots.current();
    boolean workload = view != null && view.workloadAt(connection.remote().getAddress());
    return (workload ? WORKLOAD_HELLO : STRANGER_HELLO).toNanos();
  }

  // ---- connects in progress ----

  Balancer balancer() {
    return balancer;
  }

  void watch(Dialing dialing) {
    driver.watch(dialing);
  }

  void unwatch(Dialing dialing) {
    driver.unwatch(dialing);
  }

  /** An attempt has failed; there may be another. */
  void notConnected(Target target, IOException failure) {
    if (log.debugs()) {
      log.debug("not connected to " + target.address() + ": " + failure.getMessage());
    }
  }

  /** An endpoint has answered: the connection gets its session. */
  void connected(
      FileDescriptor fd,
      Object channel,
      Destination destination,
      Target target,
      @Nullable EndpointLoad load)
      throws IOException {
    Flow flow =
        Flow.outbound(
            NativeIo.localAddress(fd),
            target.address(),
            destination.service(),
            target.endpoint(),
            load);
    if (!target.mesh()) {
      attachPlain(fd, flow);
      return;
    }
    MeshConnection connection = MeshConnection.connecting(this, fd, flow, target.expected());
    connections.add(connection);
    Wire.attach(connection);
    if (NativeConnect.selectable(channel)) {
      connection.selectable(channel);
    }
    connection.start();
  }

  // ---- what connections tell ----

  @Override
  public void established(MeshConnection connection) {
    String peer = connection.peer().spiffeId().map(SpiffeId::toString).orElse("");
    count(direction(connection.flow()), peer, connection.flow().port());
    if (log.debugs()) {
      log.debug(
          "connection established direction="
              + direction(connection.flow())
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

  /** A plaintext connection has been ended by policy. */
  void ended(PlainConnection connection, String reason) {
    refused(connection.flow().remote(), reason);
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
    closed((LiveConnection) connection);
  }

  void closed(LiveConnection connection) {
    if (connections.remove(connection)) {
      connection.flow().end();
    }
  }

  private static String direction(Flow flow) {
    return flow.outbound() ? "outbound" : "inbound";
  }

  private void count(String direction, String peer, int port) {
    seen.computeIfAbsent(new Seen(direction, peer, port), s -> new LongAdder()).increment();
  }

  /** Ends live connections that the new policy does not allow. */
  private void reevaluate() {
    connections.all().forEach(LiveConnection::reevaluate);
  }

  // ---- what others ask ----

  @Override
  public Peer peer(InetSocketAddress remote, InetSocketAddress local) {
    return connections.peer(remote, local);
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
}
