package dev.weft.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.policy.SpiffeId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is particular to native code: memory, threads, buffers. */
class OpenSslEngineTest {
  private static final SpiffeId SHOP = SpiffeId.parse("spiffe://a.test/ns/default/sa/shop");
  private static final SpiffeId PAY = SpiffeId.parse("spiffe://a.test/ns/default/sa/pay");
  private static final InetSocketAddress REMOTE = InetSocketAddress.createUnresolved("pay", 80);
  private static final int RECORD = 16_384;
  private static final int FRAME = 22;

  private final TestAuthority authority = TestAuthority.create();
  private final IdentityStore shop = new IdentityStore();
  private final IdentityStore pay = new IdentityStore();
  private OpenSslContext shopContext;
  private OpenSslContext payContext;

  @BeforeEach
  void contexts() throws SSLException {
    assertThat(OpenSslLibrary.problem()).isNull();
    shopContext = context(shop, SHOP);
    payContext = context(pay, PAY);
  }

  private OpenSslContext context(IdentityStore store, SpiffeId id) throws SSLException {
    Identity identity = authority.identity(id.toString());
    store.publish(identity);
    InstantSource clock = InstantSource.system();
    return OpenSslContext.of(identity, new PeerCheck(store, clock), clock);
  }

  private record Connection(OpenSslEngine client, OpenSslEngine server) {
    void release() {
      client.release();
      server.release();
    }
  }

  private Connection fresh() throws SSLException {
    return new Connection(shopContext.client(PAY, REMOTE), payContext.server());
  }

  private Connection connect() throws SSLException {
    Connection connection = fresh();
    assertThat(new Engines(connection.client, connection.server).handshake().ok()).isTrue();
    connection.client.peer();
    connection.server.peer();
    return connection;
  }

  @Test
  void aThousandConnectionsLeaveNothingBehind() throws Exception {
    for (int i = 0; i < 1000; i++) {
      Connection connection = connect();
      assertThat(Engines.say(connection.server, connection.client, "hello")).isEqualTo("hello");
      connection.release();
    }

    assertThat(shopContext.owners()).isEqualTo(1);
    assertThat(payContext.owners()).isEqualTo(1);
    shopContext.retire();
    payContext.retire();
    assertThat(shopContext.owners() + payContext.owners()).isZero();
    assertThat(shopContext.client(PAY, REMOTE)).isNull();
  }

  @Test
  void handshakesThatFailLeaveNothingBehind() throws Exception {
    SpiffeId orders = SpiffeId.parse("spiffe://a.test/ns/default/sa/orders");
    for (int i = 0; i < 100; i++) {
      Connection refused = new Connection(shopContext.client(orders, REMOTE), payContext.server());
      assertThat(new Engines(refused.client, refused.server).handshake().clientError)
          .hasMessageContaining("expected server " + orders);
      refused.release();
      fresh().release();
    }

    assertThat(shopContext.owners() + payContext.owners()).isEqualTo(2);
  }

  @Test
  void aConnectionOutlivesTheIdentityItBeganWith() throws Exception {
    Connection connection = connect();
    shopContext.retire();
    payContext.retire();

    assertThat(Engines.say(connection.server, connection.client, "still")).isEqualTo("still");
    assertThat(Engines.say(connection.client, connection.server, "here")).isEqualTo("here");
    connection.release();
    assertThat(shopContext.owners() + payContext.owners()).isZero();
  }

  @Test
  void releaseIsForGood() throws Exception {
    Connection connection = connect();
    connection.release();
    connection.release();

    assertThat(connection.client.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
    assertThat(connection.client.isOutboundDone()).isTrue();
    assertThatThrownBy(() -> Engines.say(connection.client, connection.server, "x"))
        .isInstanceOf(SSLException.class)
        .hasMessage("the connection is closed");
    assertThatThrownBy(connection.server::peer).isInstanceOf(SSLException.class);
    assertThat(connection.client.getSession().isValid()).isFalse();
    assertThat(connection.client.group()).isEmpty();
  }

  @Test
  void releaseDuringReadsAndWritesIsAnErrorAndNoCrash() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < 50; i++) {
        Connection connection = connect();
        Future<Void> writer = threads.submit(() -> forEver(() -> seal(connection.client)));
        Future<Void> reader = threads.submit(() -> forEver(() -> open(connection.client)));
        Thread.onSpinWait();
        seal(connection.client);
        connection.release();
        for (Future<Void> end : List.of(writer, reader)) {
          assertThatThrownBy(() -> end.get(30, TimeUnit.SECONDS))
              .rootCause()
              .isInstanceOf(SSLException.class);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void forEver(Callable<?> step) throws Exception {
    while (true) {
      step.call();
    }
  }

  private static SSLEngineResult seal(SSLEngine engine) throws SSLException {
    return engine.wrap(ByteBuffer.allocateDirect(1_000), ByteBuffer.allocateDirect(RECORD * 2));
  }

  private static SSLEngineResult open(SSLEngine engine) throws SSLException {
    // Nothing has arrived, so it says what it lacks, over and over.
    return engine.unwrap(ByteBuffer.allocateDirect(3), ByteBuffer.allocateDirect(RECORD));
  }

  @Test
  void theKeyExchangeIsHybridBetweenTwoOfUs() throws Exception {
    Connection connection = connect();

    assertThat(connection.client.group()).isEqualTo("X25519MLKEM768");
    assertThat(connection.server.group()).isEqualTo("X25519MLKEM768");
    connection.release();
  }

  @Test
  void theKeyExchangeWithTheJdkIsX25519() throws Exception {
    OpenSslEngine server = payContext.server();
    SSLEngine client = new JsseMeshTls(shop).client(PAY, REMOTE);
    assertThat(new Engines(client, server).handshake().ok()).isTrue();

    assertThat(server.group()).isEqualTo("X25519");
    server.release();
  }

  @Test
  void smallPiecesBecomeOneRecord() throws Exception {
    Connection connection = connect();
    Engines.say(connection.client, connection.server, "first");
    ByteBuffer[] pieces = {
      ByteBuffer.wrap("head".getBytes()),
      ByteBuffer.allocate(0),
      ByteBuffer.allocateDirect(3),
      ByteBuffer.wrap("tail".getBytes())
    };
    ByteBuffer record = ByteBuffer.allocateDirect(RECORD * 2);
    SSLEngineResult result = connection.client.wrap(pieces, 0, pieces.length, record);

    assertThat(result.bytesConsumed()).isEqualTo(11);
    assertThat(result.bytesProduced()).isEqualTo(11 + FRAME);
    assertThat(pieces).allSatisfy(piece -> assertThat(piece.hasRemaining()).isFalse());
    ByteBuffer heard = ByteBuffer.allocateDirect(RECORD);
    connection.server.unwrap(record.flip(), heard);
    assertThat(heard.position()).isEqualTo(11);
    connection.release();
  }

  @Test
  void aTargetThatIsTooSmallIsSaidAndNothingLost() throws Exception {
    Connection connection = connect();
    ByteBuffer word = ByteBuffer.allocateDirect(5).put("hello".getBytes()).flip();

    assertThat(connection.client.wrap(word, ByteBuffer.allocateDirect(20)).getStatus())
        .isEqualTo(Status.BUFFER_OVERFLOW);
    assertThat(word.remaining()).isEqualTo(5);
    ByteBuffer record = ByteBuffer.allocateDirect(RECORD * 2);
    connection.client.wrap(word, record);
    record.flip();
    SSLEngineResult small = connection.server.unwrap(record, ByteBuffer.allocateDirect(4));
    assertThat(small.getStatus()).isEqualTo(Status.BUFFER_OVERFLOW);
    assertThat(small.bytesConsumed()).isZero();
    ByteBuffer heard = ByteBuffer.allocateDirect(5);
    assertThat(connection.server.unwrap(record, heard).bytesProduced()).isEqualTo(5);
    connection.release();
  }

  @Test
  void aTicketWithoutMemoryForItIsDroppedAndTheNextOneOfTheSameReadIsKept() throws Exception {
    AtomicInteger faults = new AtomicInteger();
    InstantSource clock =
        () -> {
          if (faults.getAndDecrement() > 0) {
            throw new OutOfMemoryError("a test's");
          }
          return Instant.now();
        };
    Identity identity = shop.current();
    shopContext = OpenSslContext.of(identity, new PeerCheck(shop, clock), clock);
    Connection connection = connect();

    faults.set(1);
    assertThat(Engines.say(connection.server, connection.client, "hello")).isEqualTo("hello");

    assertThat(faults.get()).as("asked for the second ticket too").isNegative();
    connection.release();
    Connection next = connect(); // by the second ticket, whose session is alive
    assertThat(Engines.say(next.server, next.client, "again")).isEqualTo("again");
    next.release();
  }

  @Test
  void whatAServerSendsFirstCarriesItsTicketsAndNothingElseDoes() throws Exception {
    Connection connection = connect();
    ByteBuffer record = ByteBuffer.allocateDirect(RECORD * 2);
    ByteBuffer word = ByteBuffer.allocateDirect(5);

    assertThat(connection.server.wrap(word, record).bytesConsumed()).isEqualTo(5);
    assertThat(record.position()).isGreaterThan(5 + FRAME);
    assertThat(connection.server.wrap(word.rewind(), record.clear()).bytesProduced())
        .isEqualTo(5 + FRAME);
    connection.release();
  }

  @Test
  void aServerThatClosesWithoutAWordSaysGoodbye() throws Exception {
    Connection connection = connect();
    connection.server.closeOutbound();
    ByteBuffer records = ByteBuffer.allocateDirect(RECORD * 2);
    while (!connection.server.isOutboundDone()) {
      connection.server.wrap(ByteBuffer.allocateDirect(0), records);
    }
    records.flip();
    ByteBuffer heard = ByteBuffer.allocateDirect(RECORD);
    Status last = Status.OK;
    while (records.hasRemaining()) {
      last = connection.client.unwrap(records, heard).getStatus();
    }

    assertThat(last).isEqualTo(Status.CLOSED);
    assertThat(heard.position()).isZero();
    connection.release();
  }

  @Test
  void noiseInTheHandshakeIsAnErrorAndNoCrash() throws Exception {
    long seed = 42;
    Random dice = new Random(seed);
    for (int i = 0; i < 300; i++) {
      Connection connection = fresh();
      byte[] noise = new byte[1 + dice.nextInt(2_000)];
      dice.nextBytes(noise);
      noise[0] = (byte) (20 + dice.nextInt(5));
      ByteBuffer in = ByteBuffer.allocateDirect(noise.length).put(noise).flip();
      OpenSslEngine victim = dice.nextBoolean() ? connection.client : connection.server;
      victim.beginHandshake();
      try {
        while (victim.unwrap(in, ByteBuffer.allocateDirect(RECORD)).bytesConsumed() > 0) {}
      } catch (SSLException expected) {
        assertThat(expected).hasMessageContaining("BoringSSL");
        victim.wrap(ByteBuffer.allocateDirect(0), ByteBuffer.allocateDirect(RECORD * 2));
      }
      connection.release();
    }
    assertThat(shopContext.owners() + payContext.owners()).isEqualTo(2);
  }
}
