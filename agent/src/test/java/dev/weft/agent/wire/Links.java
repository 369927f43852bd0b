package dev.weft.agent.wire;

import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.JsseMeshTls;
import dev.weft.agent.identity.TestAuthority;
import dev.weft.policy.SpiffeId;
import java.io.IOException;
import java.util.Random;

/** Two links with real engines and certificates, joined by a {@link SimulatedKernel}. */
final class Links {
  private static final String SHOP = "spiffe://shop.test/ns/default/sa/shop";
  private static final String STOCK = "spiffe://shop.test/ns/default/sa/stock";
  private static final TestAuthority AUTHORITY = TestAuthority.create();
  private static final JsseMeshTls SHOP_TLS = tls(SHOP);
  private static final JsseMeshTls STOCK_TLS = tls(STOCK);

  final SimulatedKernel kernel;
  final BufferPool clientPool = new BufferPool();
  final BufferPool serverPool = new BufferPool();
  final TlsLink client;
  final TlsLink server;

  private Links(Random dice, int capacity) throws IOException {
    kernel = new SimulatedKernel(dice, capacity);
    client = new TlsLink(SHOP_TLS.client(SpiffeId.parse(STOCK)), kernel.client(), clientPool, null);
    server = new TlsLink(STOCK_TLS.server(), kernel.server(), serverPool, null);
  }

  /** Before the handshake, over a kernel of moods. */
  static Links moody(long seed, int capacity) throws IOException {
    Links links = new Links(new Random(seed), capacity);
    links.kernel.moody = true;
    return links;
  }

  /** After the handshake, over a kernel that does what it can at once. */
  static Links established() throws IOException {
    Links links = new Links(new Random(1), 1 << 17);
    boolean clientDone = false;
    boolean serverDone = false;
    while (!clientDone || !serverDone) {
      clientDone |= advance(links.client);
      serverDone |= advance(links.server);
    }
    return links;
  }

  /** True: the handshake is done. */
  static boolean advance(TlsLink link) throws IOException {
    TlsLink.Need need = link.advance();
    if (need == TlsLink.Need.TASK) {
      link.runTasks();
    }
    return need == TlsLink.Need.NOTHING;
  }

  private static JsseMeshTls tls(String id) {
    IdentityStore store = new IdentityStore();
    store.publish(AUTHORITY.identity(id));
    return new JsseMeshTls(store);
  }
}
