package dev.weft.agent.wire;

import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.MeshTls;
import dev.weft.agent.identity.TestAuthority;
import dev.weft.agent.identity.TlsProvider;
import dev.weft.policy.SpiffeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Two links with real engines and certificates, joined by a {@link SimulatedKernel}. */
final class Links {
  static final SpiffeId SHOP = SpiffeId.parse("spiffe://shop.test/ns/default/sa/shop");
  static final SpiffeId STOCK = SpiffeId.parse("spiffe://shop.test/ns/default/sa/stock");
  static final InetSocketAddress STOCK_ADDRESS = InetSocketAddress.createUnresolved("stock", 80);
  private static final TestAuthority AUTHORITY = TestAuthority.create();
  private static final Map<String, Pair> PAIRS = new ConcurrentHashMap<>();

  /** Every implementation, and each against each other. All of them send tickets. */
  static final List<TlsProvider> PROVIDERS =
      Stream.of(TlsProvider.all(), TlsProvider.mixed()).flatMap(List::stream).toList();

  /** Two workloads that trust each other. */
  record Pair(MeshTls shop, MeshTls stock) {}

  final SimulatedKernel kernel;
  final BufferPool clientPool = BufferPool.direct();
  final BufferPool serverPool = BufferPool.direct();
  final TlsLink client;
  final TlsLink server;

  private Links(Pair pair, Random dice, int capacity, Runnable watcher) throws IOException {
    kernel = new SimulatedKernel(dice, capacity, watcher);
    client =
        new TlsLink(pair.shop().client(STOCK, STOCK_ADDRESS), kernel.client(), clientPool, null);
    server = new TlsLink(pair.stock().server(), kernel.server(), serverPool, null);
  }

  /** Before the handshake, over a kernel that does what it can at once. */
  static Links fresh(TlsProvider provider) throws IOException {
    return between(provider, provider);
  }

  /** {@link #fresh}, with different implementations at the ends. */
  static Links between(TlsProvider client, TlsProvider server) throws IOException {
    Pair pair = new Pair(watched(client, () -> {}).shop(), watched(server, () -> {}).stock());
    return new Links(pair, new Random(1), 1 << 17, () -> {});
  }

  /** Before the handshake, over a kernel of moods; each step of engine and kernel is watched. */
  static Links moody(TlsProvider provider, Random dice, int capacity, Runnable watcher)
      throws IOException {
    Links links = new Links(watched(provider, watcher), dice, capacity, watcher);
    links.kernel.moody = true;
    return links;
  }

  /** After the handshake, over a kernel that does what it can at once. */
  static Links established() throws IOException {
    return established(TlsProvider.all().get(0));
  }

  static Links established(TlsProvider provider) throws IOException {
    return fresh(provider).handshake();
  }

  /** Completes it. */
  Links handshake() throws IOException {
    boolean clientDone = false;
    boolean serverDone = false;
    while (!clientDone || !serverDone) {
      clientDone |= advance(client);
      serverDone |= advance(server);
    }
    return this;
  }

  /** True: the handshake is done. */
  static boolean advance(TlsLink link) throws IOException {
    TlsLink.Need need = link.advance();
    if (need == TlsLink.Need.TASK) {
      link.runTasks();
    }
    return need == TlsLink.Need.NOTHING;
  }

  /** What a connection does in the end. */
  void release() {
    for (TlsLink link : List.of(client, server)) {
      link.releaseInput();
      link.releaseOutput();
    }
  }

  /** Makers of engines whose steps somebody hears of. */
  static Pair watched(TlsProvider provider, Runnable watcher) {
    Pair pair = PAIRS.computeIfAbsent(provider.name(), name -> pair(provider));
    return new Pair(
        new WatchedEngine.Maker(pair.shop(), watcher),
        new WatchedEngine.Maker(pair.stock(), watcher));
  }

  private static Pair pair(TlsProvider provider) {
    return new Pair(tls(provider, SHOP), tls(provider, STOCK));
  }

  private static MeshTls tls(TlsProvider provider, SpiffeId id) {
    IdentityStore store = new IdentityStore();
    store.publish(AUTHORITY.identity(id.toString()));
    return provider.open(store);
  }
}
