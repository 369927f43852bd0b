package dev.weft.agent.wire;

import dev.weft.agent.balance.Balancer;
import dev.weft.agent.balance.EndpointLoad;
import dev.weft.agent.config.Settings.OnFailure;
import dev.weft.agent.control.MeshView;
import dev.weft.agent.control.Snapshots;
import dev.weft.agent.control.VirtualAddresses;
import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.MeshTls;
import dev.weft.agent.identity.PeerTrust;
import dev.weft.agent.log.Log;
import dev.weft.agent.telemetry.Telemetry;
import dev.weft.bootstrap.MeshHandshakeException;
import dev.weft.bootstrap.Refused;
import dev.weft.bootstrap.Wire;
import dev.weft.bootstrap.WireHooks;
import dev.weft.policy.ConnectionPool;
import dev.weft.policy.DirectoryEntry;
import dev.weft.policy.Endpoint;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happens when sockets are made: which connections the mesh takes part in, as whom, with whom.
 * Reads the current {@link MeshView} once per connection. Thread-safe.
 */
public final class WireLayer extends WireHooks implements InboundPeers, ConnectionHost {
  /** A peer whose certificate has expired is noticed within this time. */
  private static final Duration EXPIRY_CHECKED_EVERY = Duration.ofSeconds(1);

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

  private final Snapshots snapshots;
  private final MeshTls tls;
  private final Driver driver;
  private final BufferPool pool = BufferPool.direct();
  private final PendingReads pending = new PendingReads();
  private final InboundRules inbound;
  private final PeerRules peers;
  private final Ledger ledger;
  private final Handshakes handshakes = Handshakes.within(Runtime.getRuntime().maxMemory());
  private final Admission admission = new Admission(System::nanoTime);
  private final Balancer balancer =
      new Balancer(System::nanoTime, () -> ThreadLocalRandom.current().nextLong(), NEARBY, NEARBY);
  private final MeshNames names;
  private final ConnectFailures unreachable = new ConnectFailures(System::nanoTime);
  private volatile IntConsumer opened = port -> {};
  private volatile IntConsumer closed = port -> {};
  private volatile Predicate<InetSocketAddress> own = remote -> false;

  /** A layer whose driver threads belong to {@code own}. */
  public WireLayer(
      Snapshots snapshots,
      MeshTls tls,
      IdentityStore identities,
      OnFailure onFailure,
      Telemetry telemetry,
      ThreadGroup own,
      Log log)
      throws IOException {
    this.snapshots = snapshots;
    this.tls = tls;
    this.inbound = new InboundRules(snapshots, onFailure);
    this.peers = new PeerRules(snapshots, new PeerTrust(identities));
    this.ledger = new Ledger(telemetry, log);
    this.names =
        new MeshNames(
            snapshots,
            MeshNames.Families.of(
                NativeIo.ipv6(), System.getProperty("java.net.preferIPv6Addresses")));
    NativeConnect.init();
    this.driver = new Driver(own, log);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(own, () -> driver.finish(EXIT_NANOS), "weft-wire-exit", 0, false));
    snapshots.onChange(view -> balancer.keep(view.snapshot()));
    snapshots.onChange(view -> reevaluate());
    identities.onChange(identity -> reevaluate());
    driver.regularly(this::reevaluateExpired, EXPIRY_CHECKED_EVERY);
  }

  /** Tells the ports on which sockets of the application start and stop listening. */
  public void onListening(IntConsumer opened, IntConsumer closed) {
    this.opened = opened;
    this.closed = closed;
  }

  /** {@code from} tells from which addresses this agent itself asks the application how it is. */
  public void leavesAlone(Predicate<InetSocketAddress> from) {
    own = from;
  }

  /** {@code covered} tells on which ports an adapter checks each request's access. */
  public void requestsCheckedBy(Predicate<InetSocketAddress> covered) {
    inbound.requestsCheckedBy(covered);
  }

  /** {@code observed} tells to which endpoints requests are sent that are counted one by one. */
  public void requestsObservedBy(Predicate<Endpoint> observed) {
    ledger.requestsReportedBy(
        flow -> {
          Endpoint endpoint = flow.endpoint();
          return flow.outbound()
              ? endpoint != null && observed.test(endpoint)
              : inbound.requestsChecked(flow.local());
        });
  }

  // ---- sockets being made ----

  @Override
  public void accepted(FileDescriptor fd, InetSocketAddress remote) {
    if (own.test(remote)) {
      return;
    }
    InetSocketAddress local;
    try {
      local = NativeIo.localAddress(fd);
    } catch (IOException e) {
      Refused.refuse(fd, String.valueOf(e.getMessage())); // no port, no policy: nothing may pass
      return;
    }
    Flow flow = Flow.inbound(local, remote);
    boolean plain = inbound.leavesAlone(local.getPort());
    String refusal = plain ? inbound.refusesPlaintext(remote, local) : null;
    if (refusal != null) {
      ledger.refused(flow, "UAEX", refusal);
      Refused.refuse(fd, refusal);
      return;
    }
    refusal = admission.admit(inbound.limits(), local.getPort());
    if (refusal != null) {
      ledger.refused(flow, "UO", "connection from " + remote + " " + refusal);
      Refused.refuse(fd, refusal);
    } else if (plain) {
      attachPlain(fd, flow);
    } else {
      MeshConnection connection = MeshConnection.accepted(this, fd, remote, local);
      ledger.opened(connection);
      Wire.attach(connection);
      connection.start();
    }
  }

  private void attachPlain(FileDescriptor fd, Flow flow) {
    PlainConnection connection = new PlainConnection(this, fd, flow);
    ledger.opened(connection);
    Wire.attach(connection);
    ledger.settled(connection);
    connection.reevaluate(); // the policy may have changed while nobody knew of it
  }

  @Override
  public int connect(
      @Nullable ProtocolFamily family, FileDescriptor fd, InetSocketAddress remote, Object channel)
      throws IOException {
    InetSocketAddress dialled = dialled(remote);
    MeshView view = viewFor(dialled.getAddress());
    Destination destination = view == null ? null : Destination.of(view, dialled);
    if (view == null
        || destination == null
        || !NativeIo.tcp(fd)) { // Socket(host, port, false) of 17 speaks UDP
      if (view != null && view.workloadAt(dialled.getAddress())) {
        ledger.passed(remote.getPort()); // a port on which no workload is known to listen
      }
      return Wire.dial(family, fd, remote.getAddress(), remote.getPort());
    }
    requirePool(destination);
    Optional<Duration> limit = view.snapshot().mesh().connectTimeout();
    return new Dialing(this, destination, limit, family, fd, channel).begin();
  }

  /** The view of now; where it has only the name of who is called, the one that has the rest. */
  private @Nullable MeshView viewFor(InetAddress address) {
    MeshView view = snapshots.current();
    if (view == null) {
      return null;
    }
    DirectoryEntry entry = view.entry(address);
    return entry == null ? view : snapshots.wants().await(entry, view);
  }

  /** An address in other clothes shall not lead past the policy. */
  private static InetSocketAddress dialled(InetSocketAddress remote) {
    InetAddress address = VirtualAddresses.dialled(remote.getAddress());
    return address.equals(remote.getAddress())
        ? remote
        : new InetSocketAddress(address, remote.getPort());
  }

  /** Connections in progress count too, as {@link Dialing} has announced them to the balancer. */
  private void requirePool(Destination destination) throws IOException {
    ConnectionPool pool = destination.pool();
    if (pool == null || pool.maxConnections().isEmpty()) {
      return;
    }
    int most = pool.maxConnections().get();
    int now = 0;
    for (Endpoint endpoint : destination.endpoints()) {
      now += balancer.load(endpoint).inFlight();
    }
    if (now >= most) {
      String reason =
          "connection to "
              + destination.asked()
              + " refused by rule "
              + pool.rule()
              + ": "
              + now
              + " connections are open, at most "
              + most;
      ledger.notConnected(destination, destination.target(), "UO", reason);
      throw new MeshHandshakeException(reason);
    }
  }

  /** Windows. A connection that cannot be secured is refused, whatever it may carry. */
  @Override
  public void overlapped(@Nullable InetSocketAddress remote) {
    if (remote == null) {
      throw new SecurityException(
          "AsynchronousServerSocketChannel cannot be in the mesh on Windows: nothing is accepted");
    }
    try {
      InetSocketAddress dialled = dialled(remote);
      MeshView view = viewFor(dialled.getAddress());
      Destination destination = view == null ? null : Destination.of(view, dialled);
      if (destination == null || !destination.mesh()) {
        return;
      }
    } catch (IOException e) {
      throw new SecurityException(e.getMessage(), e);
    }
    throw new SecurityException(
        "AsynchronousSocketChannel cannot be in the mesh on Windows: no connection to " + remote);
  }

  @Override
  public void listening(FileDescriptor fd) {
    try {
      int port = NativeIo.localAddress(fd).getPort();
      Wire.attach(new Listener(fd, port, closed));
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
  public void later(Runnable step) {
    driver.work(step);
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
    SpiffeId peer = connection.peer().spiffeId().orElse(null);
    String refusal = peer == null ? null : peers.revoked(peer);
    if (refusal != null) {
      return refusal;
    }
    if (connection.client()) {
      return peer == null ? null : peers.moved(connection.flow(), peer);
    }
    return inbound.refuses(connection.peer(), connection.remote(), connection.local());
  }

  @Override
  public @Nullable String refusesHandshake(MeshConnection connection) {
    String refusal = handshakes.begin();
    return refusal == null ? null : "connection from " + connection.remote() + " " + refusal;
  }

  @Override
  public void handshakeOver() {
    handshakes.over();
  }

  @Override
  public void judges(MeshConnection connection) {
    connection.judged(peers.now());
  }

  @Override
  public @Nullable String refusesLive(MeshConnection connection) {
    String refusal = refuses(connection);
    return refusal == null ? peers.refuses(connection) : refusal;
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

  @Override
  public boolean expectsHello(MeshConnection connection) {
    MeshView view = snapshots.current();
    InetAddress remote = connection.remote().getAddress();
    if (view == null || !view.workloadAt(remote)) {
      return false;
    }
    if (!remote.equals(connection.local().getAddress())) {
      return true;
    }
    try { // who connects from our own address to it decides by the view that we have
      return Destination.of(view, connection.local()) != null;
    } catch (IOException refused) {
      return false; // it does not connect
    }
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

  /** An endpoint has not answered; another one may. */
  void unreached(Target target) {
    if (target.mesh()) {
      unreachable.failed(target.address());
    }
  }

  /** An endpoint has answered. */
  void reached(Target target) {
    unreachable.connected(target.address());
  }

  /** Nobody has answered. */
  void notConnected(Destination destination, Target target, IOException failure) {
    ledger.notConnected(destination, target, "UF", String.valueOf(failure.getMessage()));
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
            destination.asked(),
            destination.service(),
            target.endpoint(),
            load);
    if (!target.mesh()) {
      attachPlain(fd, flow);
      return;
    }
    MeshConnection connection = MeshConnection.connecting(this, fd, flow, target.expected());
    ledger.opened(connection);
    Wire.attach(connection);
    if (NativeConnect.selectable(channel)) {
      connection.selectable(channel);
    }
    connection.start();
  }

  // ---- what connections tell ----

  @Override
  public void established(MeshConnection connection) {
    ledger.settled(connection);
  }

  @Override
  public void passedThrough(MeshConnection connection) {
    ledger.settled(connection);
  }

  @Override
  public void failed(MeshConnection connection, String reason, @Nullable Throwable cause) {
    ledger.failed(connection, reason, cause);
    release(connection.flow());
    EndpointLoad load = connection.flow().load();
    if (load != null && !connection.proven()) {
      load.avoid(
          Dialing.AVOID_FAILED, System.nanoTime()); // it listens, and is not who it should be
    }
  }

  /** A plaintext connection has been ended by policy. */
  void ended(PlainConnection connection, String reason) {
    ledger.failed(connection, reason, null);
    release(connection.flow());
  }

  @Override
  public void closed(MeshConnection connection) {
    closed((LiveConnection) connection);
  }

  void closed(LiveConnection connection) {
    ledger.closed(connection);
    release(connection.flow());
  }

  /** A connection that carries nothing any more uses up no limit. */
  private void release(Flow flow) {
    if (flow.release() && !flow.outbound()) {
      admission.closed(flow.port());
    }
  }

  @Override
  public void faulted(String call, Throwable fault) {
    ledger.faulted(call, fault);
  }

  /** Ends live connections that policy, trust or time do not allow any more. */
  private void reevaluate() {
    ledger.connections().all().forEach(WireLayer::reevaluate);
  }

  private static void reevaluate(LiveConnection connection) {
    try {
      connection.reevaluate();
    } catch (RuntimeException | Error e) {
      connection.abort(e); // the others are judged all the same
    }
  }

  private void reevaluateExpired() {
    long now = System.currentTimeMillis();
    for (LiveConnection connection : ledger.connections().all()) {
      if (connection.provenUntil() < now) {
        reevaluate(connection);
      }
    }
  }

  // ---- what others ask ----

  @Override
  public Peer peer(InetSocketAddress remote, InetSocketAddress local) {
    return ledger.connections().peer(remote, local);
  }

  /** Connections since the start by direction, peer and port, and how many were refused. */
  public Map<String, Object> status() {
    return ledger.status();
  }

  /** Tells when there is an endpoint more among {@link #unreachable}; must not block. */
  public void onUnreachable(Runnable listener) {
    unreachable.onNews(listener);
  }

  /** The endpoints of the mesh, {@code address:port}, to which nobody here could connect lately. */
  public List<String> unreachable() {
    return unreachable.lately();
  }

  /** A look at the accepted connections; each look has its own. */
  public InboundActivity inboundActivity() {
    return new InboundActivity(ledger.connections().all(), inbound::requestsChecked);
  }

  /** The open connections: plain maps. */
  public List<Map<String, Object>> connections() {
    return ledger.page();
  }
}
