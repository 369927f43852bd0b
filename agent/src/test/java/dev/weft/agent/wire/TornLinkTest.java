package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.identity.BufferPool;
import dev.weft.agent.identity.IdentityStore;
import dev.weft.agent.identity.JsseMeshTls;
import dev.weft.agent.identity.TestAuthority;
import dev.weft.policy.SpiffeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A fault in the middle of a record ends that half of a link: nobody meets the other half. */
class TornLinkTest {
  private static final String SHOP = "spiffe://shop.test/ns/default/sa/shop";

  private final SimulatedKernel kernel = new SimulatedKernel(new Random(1), 1 << 17, () -> {});
  private final BufferPool pool = BufferPool.direct();
  private Cliff cliff;
  private boolean engineFails;
  private TlsLink link;
  private TlsLink peer;

  /** Calls end without stack while {@code steep}; the kernel has done its part before. */
  private static final class Cliff implements Transport {
    private final Transport kernel;
    private boolean steep;

    Cliff(Transport kernel) {
      this.kernel = kernel;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return passed(kernel.read(target));
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      return passed(kernel.write(source));
    }

    private int passed(int n) {
      if (steep) {
        throw new StackOverflowError("planned");
      }
      return n;
    }
  }

  @BeforeEach
  void connect() throws IOException {
    IdentityStore store = new IdentityStore();
    store.publish(TestAuthority.create().identity(SHOP));
    JsseMeshTls tls = new JsseMeshTls(store);
    cliff = new Cliff(kernel.client());
    link =
        new TlsLink(
            new WatchedEngine(
                tls.client(SpiffeId.parse(SHOP), new InetSocketAddress("127.0.0.1", 1)),
                this::engineStep),
            cliff,
            pool,
            null);
    peer = new TlsLink(tls.server(), kernel.server(), BufferPool.direct(), null);
    boolean done = false;
    while (!done) {
      done = Links.advance(link) & Links.advance(peer);
    }
  }

  @Test
  void afterATornWriteNothingIsSent() throws IOException {
    write("whole");
    cliff.steep = true;
    assertThatThrownBy(() -> write("torn")).isInstanceOf(StackOverflowError.class);
    cliff.steep = false;
    long sent = kernel.toServer().passed();

    assertThatThrownBy(() -> write("never")).isInstanceOf(SSLException.class);
    assertThatThrownBy(link::closeOutbound).isInstanceOf(SSLException.class);

    assertThat(kernel.toServer().passed()).isEqualTo(sent);
    assertThat(read(peer)).isEqualTo("wholetorn"); // the kernel had taken that one
  }

  /** The engine encrypts in place: what it leaves behind may be plaintext. */
  @Test
  void whatAFailedEngineLeftBehindIsNotSent() throws IOException {
    long sent = kernel.toServer().passed();
    engineFails = true;
    assertThatThrownBy(() -> write("torn")).isInstanceOf(StackOverflowError.class);
    engineFails = false;

    assertThatThrownBy(() -> write("never")).isInstanceOf(SSLException.class);
    assertThatThrownBy(link::closeOutbound).isInstanceOf(SSLException.class);

    assertThat(kernel.toServer().passed()).isEqualTo(sent);
  }

  @Test
  void afterATornReadNothingIsDelivered() throws IOException {
    peer.write(ByteBuffer.wrap("lost".getBytes()));
    cliff.steep = true;
    assertThatThrownBy(() -> read(link)).isInstanceOf(StackOverflowError.class);
    cliff.steep = false;

    assertThatThrownBy(() -> read(link)).isInstanceOf(SSLException.class);
    assertThat(link.available()).isZero();
  }

  @Test
  void theBuffersOfATornHalfAreNotLentAgain() throws IOException {
    cliff.steep = true;
    assertThatThrownBy(() -> write("torn")).isInstanceOf(StackOverflowError.class);
    int lent = pool.lent();

    link.releaseOutput();

    assertThat(pool.lent()).isEqualTo(lent);
  }

  @Test
  void anErrorOfTheSocketTearsNothing() throws IOException {
    kernel.toClient().close();
    assertThatThrownBy(() -> read(link)).isInstanceOf(IOException.class);

    assertThatThrownBy(() -> read(link)).hasMessageContaining("without close_notify");
    write("still whole");
    assertThat(read(peer)).isEqualTo("still whole");
  }

  private void engineStep() {
    if (engineFails) {
      throw new StackOverflowError("planned");
    }
  }

  private void write(String text) throws IOException {
    link.write(ByteBuffer.wrap(text.getBytes()));
  }

  private static String read(TlsLink from) throws IOException {
    ByteBuffer target = ByteBuffer.allocateDirect(1000);
    while (from.read(target) > 0) {
      // until nothing is left
    }
    byte[] bytes = new byte[target.flip().remaining()];
    target.get(bytes);
    return new String(bytes);
  }
}
