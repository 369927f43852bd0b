package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.identity.TlsProvider;
import dev.weft.agent.wire.MeshConnection.State;
import dev.weft.bootstrap.MeshHandshakeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Peers that begin oddly: slowly, with garbage, or not at all. {@code -Dweft.fuzz.seed=N} and
 * {@code -Dweft.fuzz.count=N} play other garbage, and more.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.weft.agent.identity.TlsProvider#all")
class OpeningTest {
  private static final long SEED = Long.getLong("weft.fuzz.seed", 1);
  private static final int CASES = Integer.getInteger("weft.fuzz.count", 2_000);
  private static final long LIMIT = Opening.LIMIT_NANOS;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final TlsProvider provider;
  private final Links.Pair tls;
  private final Random dice = new Random(SEED);
  private SimulatedKernel kernel;
  private Party server;

  OpeningTest(TlsProvider provider) {
    this.provider = provider;
    tls = Links.watched(provider, () -> {});
    accept();
  }

  /** A connection of a STRICT server. */
  private void accept() {
    kernel = new SimulatedKernel(dice, 1 << 17, () -> {});
    server = Party.server(dice, new SimulatedHost(dice, tls.stock()), kernel, 0);
    server.start();
  }

  private void acceptPermissively() {
    accept();
    server.host.strict = false;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100, 1_000_000})
  void aHelloInPiecesOfAnySizeIsUnderstood(int piece) throws IOException {
    SSLEngine client = tls.shop().client(Links.STOCK, Links.STOCK_ADDRESS);
    sendInPieces(hello(client), piece);

    assertThat(server.connection.state()).isEqualTo(State.HANDSHAKING);
    assertThat(kernel.toClient().size()).as("the server's answer").isGreaterThan(500);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50, 200})
  void aHelloInSeveralRecordsIsUnderstood(int fragment) throws IOException {
    SSLEngine client = tls.shop().client(Links.STOCK, Links.STOCK_ADDRESS);
    ByteBuffer hello = ByteBuffer.wrap(hello(client));
    hello.position(5);
    ByteBuffer records = ByteBuffer.allocate(20_000);
    while (hello.hasRemaining()) {
      byte[] part = new byte[Math.min(fragment, hello.remaining())];
      hello.get(part);
      records.put(RawRecords.plain(RawRecords.HANDSHAKE, part));
    }
    sendInPieces(Arrays.copyOf(records.array(), records.position()), 1_000);

    assertThat(server.connection.state()).isEqualTo(State.HANDSHAKING);
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 20_000, 50_000})
  void aWriteThatFindsOldEarlyBytesDoesNotOvertakeThem(int room) throws IOException {
    kernel = new SimulatedKernel(dice, room, () -> {});
    server = Party.server(dice, new SimulatedHost(dice, tls.stock()), kernel, 0);
    Party client = Party.client(dice, new SimulatedHost(dice, tls.shop()), kernel, 0);
    server.start();
    client.start();
    byte[] all = new byte[300_000];
    dice.nextBytes(all);
    ByteBuffer left = ByteBuffer.wrap(all);
    ByteBuffer heard = ByteBuffer.allocate(all.length);

    client.connection.beginWrite(false);
    while (heard.hasRemaining()) {
      ByteBuffer offered = ByteBuffer.allocateDirect(Math.min(100_000, left.remaining()));
      offered.put(left.duplicate().limit(left.position() + offered.capacity())).flip();
      long taken = offered.hasRemaining() ? client.connection.write(offered) : 0;
      left.position(left.position() + (int) Math.max(taken, 0));
      client.drive();
      server.drive();
      ByteBuffer piece = ByteBuffer.allocateDirect(Math.min(10_000, heard.remaining()));
      if (server.connection.read(piece) > 0) {
        heard.put(piece.flip());
      }
    }

    assertThat(Arrays.mismatch(all, heard.array())).isNegative();
    assertThat(left.hasRemaining()).isFalse();
  }

  /** The end of the JVM waits for as long as something is unsent, and looks at any moment. */
  @Test
  void whatWasWrittenEarlyAndClosedIsUnsentUntilItsCloseNotifyIsOut() throws IOException {
    Party[] client = new Party[1];
    long[] sentWhenNothingWasUnsent = {-1};
    kernel =
        new SimulatedKernel(
            dice,
            1 << 17,
            () -> {
              boolean over = client[0] != null && client[0].closing();
              if (over && sentWhenNothingWasUnsent[0] < 0 && !client[0].connection.unsent()) {
                sentWhenNothingWasUnsent[0] = kernel.toServer().passed();
              }
            });
    server = Party.server(dice, new SimulatedHost(dice, tls.stock()), kernel, 0);
    client[0] = Party.client(dice, new SimulatedHost(dice, tls.shop()), kernel, 1);
    server.start();
    client[0].start();
    assertThat(client[0].write()).isTrue();
    client[0].close();

    while (!server.ended()) {
      client[0].drive();
      server.drive();
      server.read();
    }

    assertThat(server.end).isEqualTo("end");
    assertThat(sentWhenNothingWasUnsent[0]).isEqualTo(kernel.toServer().passed());
  }

  @Test
  void aSilentClientIsClosedWhenItsTimeIsOver() {
    assertLimited(server);
    assertThat(server.host.failures).singleElement().asString().contains("not finished after 10 s");
  }

  @Test
  void aClientThatDripsGainsNoTime() throws IOException {
    byte[] hello = hello(tls.shop().client(Links.STOCK, Links.STOCK_ADDRESS));
    send(hello[0]);
    long begun = System.nanoTime();
    for (int i = 1; i < 100; i++) {
      send(hello[i]);
    }

    assertThat(server.connection.overdue(begun + LIMIT)).isTrue();
    assertLimited(server);
  }

  @Test
  void aClientThatStopsAfterItsHelloIsClosed() throws IOException {
    send(hello(tls.shop().client(Links.STOCK, Links.STOCK_ADDRESS)));

    assertLimited(server);
    assertNothingHeld(server);
  }

  /** As a socket's send buffer is, for a peer that does not read. */
  @Test
  void whatAnApplicationWritesEarlyIsBounded() throws IOException {
    ByteBuffer much = ByteBuffer.allocateDirect(100_000);

    assertThat(server.connection.write(much)).isEqualTo(64 * 1024);
    assertThat(server.connection.write(much)).isEqualTo(Transport.UNAVAILABLE);
    assertLimited(server);
    assertNothingHeld(server);
  }

  @Test
  void aServerThatNeverAnswersIsLeft() throws IOException {
    Party client = connect();

    assertLimited(client);
    assertNothingHeld(client);
  }

  @Test
  void aServerThatDripsIsLeft() throws IOException {
    Party client = connect();
    long start = System.nanoTime();
    ByteBuffer record = RawRecords.plain(RawRecords.HANDSHAKE, new byte[200]).put(5, (byte) 2);
    for (int i = 0; i < 100; i++) {
      kernel.server().write(record.slice(i, 1));
      drive(client);
    }

    assertThat(client.connection.state()).isEqualTo(State.HANDSHAKING);
    assertThat(client.connection.overdue(start + LIMIT + SECOND)).isTrue();
    assertLimited(client);
    assertNothingHeld(client);
  }

  /** As with a plain socket: its kernel keeps what has come when what it sends meets a reset. */
  @Test
  void whatCameBeforeAResetIsReadAlthoughEarlyBytesCannotBeSent() throws IOException {
    Party client = connect();
    kernel.toServer().capacity(20_000);
    client.connection.write(ByteBuffer.allocateDirect(60_000));
    for (int i = 0; i < 10; i++) {
      drive(server);
      drive(client);
    }
    assertThat(server.connection.state()).isEqualTo(State.ESTABLISHED);
    assertThat(server.connection.write(ByteBuffer.allocateDirect(1_000))).isEqualTo(1_000);
    kernel.toServer().reset(Integer.MAX_VALUE);
    kernel.toClient().reset(Integer.MAX_VALUE);
    drive(client);

    assertThat(client.connection.read(ByteBuffer.allocateDirect(2_000))).isEqualTo(1_000);
    assertThatThrownBy(() -> client.connection.read(ByteBuffer.allocateDirect(1)))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> client.connection.write(ByteBuffer.allocateDirect(1)))
        .isInstanceOf(IOException.class);
    assertNothingHeld(client);
  }

  @Test
  void whatAPlaintextClientSaidBeforeAResetIsReadToo() throws IOException {
    acceptPermissively();
    server.connection.write(ByteBuffer.allocateDirect(100));
    kernel.toClient().reset(0);
    send("GET / HTTP/1.1".getBytes(StandardCharsets.US_ASCII));

    assertThat(server.connection.state()).isEqualTo(State.PASSTHROUGH);
    assertThat(server.connection.read(ByteBuffer.allocateDirect(100))).isEqualTo(14);
    assertThatThrownBy(() -> server.connection.write(ByteBuffer.allocateDirect(1)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void whatCameBeforeAResetIsReadAlthoughTheOutputCannotBeEnded() throws IOException {
    Party client = connect();
    kernel.toServer().capacity(20_000);
    client.connection.write(ByteBuffer.allocateDirect(60_000));
    client.connection.shutdown(1);
    for (int i = 0; i < 10; i++) {
      drive(server);
      drive(client);
    }
    assertThat(server.connection.write(ByteBuffer.allocateDirect(1_000))).isEqualTo(1_000);
    kernel.toServer().reset(Integer.MAX_VALUE);
    kernel.toClient().reset(Integer.MAX_VALUE);
    drive(client);

    assertThat(client.connection.read(ByteBuffer.allocateDirect(2_000))).isEqualTo(1_000);
    assertNothingHeld(client);
  }

  /** The first read meets the server's tickets, after which it looks whether it owes an answer. */
  @Test
  void anOutputThatEndsWhileAReaderAnswersEndsInOrder() throws IOException {
    Party[] client = new Party[1];
    boolean[] ended = new boolean[1];
    Links.Pair watched =
        Links.watched(
            provider,
            () -> {
              if (client[0] != null
                  && client[0].connection.writing.isHeldByCurrentThread()
                  && !ended[0]) {
                ended[0] = true;
                CompletableFuture.runAsync(() -> endOutput(client[0])).join();
              }
            });
    Party reader = Party.client(dice, new SimulatedHost(dice, watched.shop()), kernel, 0);
    reader.start();
    for (int i = 0; i < 10; i++) {
      drive(reader);
      drive(server);
    }
    server.connection.write(ByteBuffer.allocateDirect(100));

    client[0] = reader;
    assertThat(reader.connection.read(ByteBuffer.allocateDirect(1_000))).isEqualTo(100);
    assertThat(ended[0]).as("ended during the answer").isTrue();
    drive(reader);

    assertThat(server.connection.read(ByteBuffer.allocateDirect(10))).isEqualTo(Transport.EOF);
  }

  private static void endOutput(Party party) {
    try {
      party.connection.shutdown(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whatever its first bytes would mean as the length of a record. */
  @ParameterizedTest
  @ValueSource(strings = {"SSH-2.0-OpenSSH\r\n", "220 mail\r\n", "HTTP/1.1 400\r\n", "\1\2\3\4\5"})
  void aServerThatDoesNotSpeakTlsIsLeftAtOnce(String greeting) throws IOException {
    Party client = connect();
    byte[] bytes = greeting.getBytes(StandardCharsets.US_ASCII);
    kernel.server().write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    drive(client);

    assertThat(client.connection.state()).isEqualTo(State.FAILED);
    assertThatThrownBy(() -> client.connection.read(ByteBuffer.allocateDirect(10)))
        .isInstanceOf(MeshHandshakeException.class)
        .hasMessageContaining("not a TLS record");
    assertNothingHeld(client);
  }

  @Test
  void anIdlePlaintextClientMayWaitForEverButNotInTheMiddleOfAHello() throws IOException {
    acceptPermissively();
    server.connection.expire();
    assertThat(server.connection.overdue(System.nanoTime() + 1_000 * LIMIT)).isFalse();

    send((byte) 22, (byte) 3);

    assertLimited(server);
  }

  @Test
  void theConnectionOfAStrangerIsClosedAtOnceWhereNobodyHasSaidAnything() {
    acceptPermissively();
    server.host.helloWithin = SECOND;

    assertThat(server.connection.preClose()).isFalse();
    assertThat(server.connection.close()).as("held open").isFalse();
    assertThat(server.host.idle()).isTrue();
  }

  @Test
  void theConnectionOfAWorkloadIsHeldUntilItsHelloIsAnswered() {
    acceptPermissively();
    server.host.helloWithin = SECOND;
    server.host.helloExpected = true;

    assertThat(server.connection.preClose()).isTrue();
    assertThat(server.connection.close()).as("held open").isTrue();
  }

  @Test
  void aClientInTheMiddleOfItsHelloHoldsNoSharedBuffer() throws IOException {
    byte[] hello = hello(tls.shop().client(Links.STOCK, Links.STOCK_ADDRESS));

    sendInPieces(Arrays.copyOf(hello, hello.length - 1), 50);

    assertThat(server.connection.state()).isEqualTo(State.PEEKING);
    assertThat(server.host.pool().lent()).isZero();
  }

  @Test
  void aClientInTheMiddleOfItsLastFlightHoldsNoSharedBuffer() throws IOException {
    Party client = connect();
    drive(server);
    drive(client);
    int whole = kernel.toServer().size();
    assertThat(whole).isGreaterThan(100);
    kernel.toServer().cut(whole - 10);
    drive(server);

    assertThat(server.connection.state()).isEqualTo(State.HANDSHAKING);
    assertThat(server.host.pool().lent()).isZero();
    assertLimited(server);
  }

  private enum Garbage {
    NOISE,
    NOISE_BEHIND_A_HEADER,
    CHANGED_HELLO,
    HELLO_OF_OTHERS,
    TEXT
  }

  @ParameterizedTest
  @EnumSource
  void garbageIsRefusedByAStrictServer(Garbage kind) throws IOException {
    byte[] hello = hello(tls.shop().client(Links.STOCK, Links.STOCK_ADDRESS));
    for (int i = 0; i < CASES / 5; i++) {
      accept();
      byte[] bytes = garbage(kind, hello);
      try {
        sendInPieces(bytes, 1 + dice.nextInt(400));
        kernel.client().shutdown(1);
        drive(server);
        server.connection.expire();
        assertThat(server.host.established).isZero();
        assertThat(server.host.passedThrough).isZero();
        assertThat(server.connection.state()).isEqualTo(State.FAILED);
        assertThatThrownBy(() -> server.connection.read(ByteBuffer.allocateDirect(10)))
            .isInstanceOf(IOException.class);
        assertNothingHeld(server);
      } catch (IOException | AssertionError | RuntimeException e) {
        throw new AssertionError("-Dweft.fuzz.seed=" + SEED + " case " + i + ": " + e, e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NOISE", "NOISE_BEHIND_A_HEADER", "HELLO_OF_OTHERS", "TEXT"})
  void aPermissiveServersApplicationGetsItUntouched(Garbage kind) throws IOException {
    byte[] hello = hello(tls.shop().client(Links.STOCK, Links.STOCK_ADDRESS));
    for (int i = 0; i < CASES / 20; i++) {
      acceptPermissively();
      byte[] bytes = garbage(kind, hello);
      sendInPieces(bytes, 1 + dice.nextInt(400));
      kernel.client().shutdown(1);
      drive(server);
      assertThat(server.host.passedThrough).as("case %d", i).isEqualTo(1);
      assertThat(readAll()).as("case %d", i).isEqualTo(bytes);
      assertNothingHeld(server);
    }
  }

  private byte[] garbage(Garbage kind, byte[] hello) {
    byte[] noise = new byte[1 + dice.nextInt(dice.nextInt(10) == 0 ? 60_000 : 600)];
    dice.nextBytes(noise);
    return switch (kind) {
      case NOISE -> noise;
      case NOISE_BEHIND_A_HEADER -> {
        byte[] header = {22, 3, (byte) dice.nextInt(5), noise[0], (byte) dice.nextInt(256), 1};
        System.arraycopy(header, 0, noise, 0, Math.min(noise.length, 1 + dice.nextInt(6)));
        yield noise;
      }
      case CHANGED_HELLO -> {
        byte[] changed = hello.clone();
        int at = 5 + dice.nextInt(hello.length - 5);
        changed[at] ^= (byte) (1 << dice.nextInt(8));
        yield changed;
      }
      case HELLO_OF_OTHERS -> {
        byte[] other = hello.clone();
        int at = new String(hello, StandardCharsets.ISO_8859_1).indexOf("weft/1");
        other[at + dice.nextInt(6)] ^= 1;
        yield other;
      }
      case TEXT -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    };
  }

  /** Its time ends at the limit, not before, and then it is closed and its reader told. */
  private static void assertLimited(Party party) {
    long now = System.nanoTime();
    assertThat(party.connection.overdue(now + LIMIT - 5 * SECOND)).isFalse();
    assertThat(party.connection.overdue(now + LIMIT)).isTrue();
    party.connection.expire();
    assertThat(party.connection.state()).isEqualTo(State.FAILED);
    assertThatThrownBy(() -> party.connection.read(ByteBuffer.allocateDirect(10)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not finished after 10 s");
  }

  private static void assertNothingHeld(Party party) {
    if (!party.connection.close()) {
      party.io.closedByJdk();
    }
    assertThat(party.io.closed()).isTrue();
    assertThat(party.host.idle()).isTrue();
    assertThat(party.host.pool().lent()).isZero();
  }

  private Party connect() throws IOException {
    Party client = Party.client(dice, new SimulatedHost(dice, tls.shop()), kernel, 0);
    client.start();
    drive(client);
    return client;
  }

  private static void drive(Party party) throws IOException {
    for (int i = 0; i < 20 && !party.host.idle(); i++) {
      boolean moved = party.drive();
    }
  }

  private byte[] readAll() throws IOException {
    ByteBuffer all = ByteBuffer.allocateDirect(100_000);
    while (server.connection.read(all) > 0) {
      // until the end
    }
    byte[] bytes = new byte[all.flip().remaining()];
    all.get(bytes);
    return bytes;
  }

  private static byte[] hello(SSLEngine client) throws IOException {
    ByteBuffer record = ByteBuffer.allocateDirect(1 << 16);
    client.beginHandshake();
    client.wrap(ByteBuffer.allocate(0), record);
    byte[] hello = new byte[record.flip().remaining()];
    record.get(hello);
    return hello;
  }

  private void sendInPieces(byte[] bytes, int piece) throws IOException {
    for (int at = 0; at < bytes.length; at += piece) {
      send(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece)));
    }
  }

  private void send(byte... bytes) throws IOException {
    if (server.connection.state() != State.FAILED) {
      kernel.client().write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
      drive(server);
    }
  }
}
