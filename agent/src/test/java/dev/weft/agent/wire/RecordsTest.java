package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.agent.identity.TlsProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that a peer may send after its handshake, and what it must not get away with. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.weft.agent.identity.TlsProvider#all")
class RecordsTest {
  private static final int MOST_PLAINTEXT = 16_384;
  private static final byte[] HELLO = {'h', 'e', 'l', 'l', 'o'};

  /** What the peer is. */
  private static final TlsProvider JSSE = TlsProvider.all().get(0);

  private final TlsProvider provider;
  private final Links links;
  private final RawRecords peer;

  RecordsTest(TlsProvider provider) throws IOException {
    this.provider = provider;
    links = Links.between(JSSE, provider).handshake();
    peer = new RawRecords((WatchedEngine) links.client.engine());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100, 16_383, MOST_PLAINTEXT})
  void aRecordOfAnyAllowedSizeIsRead(int size) throws IOException {
    byte[] bytes = bytes(size);
    send(peer.record(RawRecords.DATA, bytes));

    assertThat(read(size + 1)).isEqualTo(bytes);
  }

  /** The JDK's own engine of 17 refuses empty records, which TLS allows. */
  @Test
  void emptyRecordsAreSkippedOrRefused() throws IOException {
    for (int i = 0; i < 100; i++) {
      send(peer.record(RawRecords.DATA));
      send(peer.record(RawRecords.DATA));
      send(peer.record(RawRecords.DATA, HELLO));
      try {
        assertThat(read(10)).isEqualTo(HELLO);
      } catch (SSLException refused) {
        return;
      }
    }
  }

  @Test
  void aRecordOfOneByteTooManyIsReadOrRefused() throws IOException {
    send(peer.record(RawRecords.DATA, bytes(MOST_PLAINTEXT + 1)));
    try {
      assertThat(read(20_000)).isEqualTo(bytes(MOST_PLAINTEXT + 1));
    } catch (SSLException refused) {
      assertThat(refused).hasMessageNotContaining("null");
    }
  }

  @Test
  void fiveThousandEmptyRecordsEndTheConnection() {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 5_000; i++) {
                send(peer.record(RawRecords.DATA));
                assertThat(links.server.read(target())).isEqualTo(Transport.UNAVAILABLE);
              }
            })
        .isInstanceOf(SSLException.class);
  }

  @Test
  void manyEmptyRecordsInOneReadEndTheConnectionToo() throws IOException {
    for (int i = 0; i < 2_000; i++) {
      send(peer.record(RawRecords.DATA));
    }

    assertThatThrownBy(() -> links.server.read(target())).isInstanceOf(SSLException.class);
  }

  @Test
  void keyUpdatesBetweenDataAreFollowed() throws IOException {
    for (int i = 0; i < 100; i++) {
      updateKeys();
      links.client.write(ByteBuffer.wrap(HELLO));
      assertThat(read(10)).isEqualTo(HELLO);
      links.server.write(ByteBuffer.wrap(HELLO)); // carries the answer
      assertThat(links.client.read(target())).isEqualTo(HELLO.length);
    }
  }

  @Test
  void tenThousandKeyUpdatesEndTheConnection() {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                updateKeys();
                links.server.read(target());
              }
            })
        .isInstanceOf(SSLException.class);
  }

  @Test
  void keyUpdatesAmongDataEndTheConnectionOfOneThatKeepsEachAnswer() {
    assumeTrue(provider.equals(JSSE), "BoringSSL keeps one answer for all");
    links.kernel.toClient().capacity(0); // the peer takes nothing

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                updateKeys();
                links.client.write(ByteBuffer.wrap(HELLO));
                links.server.read(target());
                links.server.answer();
              }
            })
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("without data");
  }

  @Test
  void aLinkThatOnlyReadsAnswersKeyUpdates() throws IOException {
    for (int i = 0; i < 10_000; i++) {
      updateKeys();
      links.client.write(ByteBuffer.wrap(HELLO));
      assertThat(links.server.read(target())).isEqualTo(HELLO.length);
      assertThat(links.server.answer()).isTrue();
      links.kernel.client().read(ByteBuffer.allocateDirect(1_000));
    }
  }

  static Stream<Arguments> offences() {
    return Stream.of(
        offence("the ClientHello again", peer -> peer.record(RawRecords.HANDSHAKE, clientHello())),
        offence("a HelloRequest of old", peer -> peer.record(RawRecords.HANDSHAKE, new byte[4])),
        offence("a Finished again", peer -> peer.record(RawRecords.HANDSHAKE, message(20, 32, 32))),
        offence(
            "a handshake message of 16 MiB",
            peer -> peer.record(RawRecords.HANDSHAKE, message(4, 0xffffff, 100))),
        offence(
            "a KeyUpdate of no known kind",
            peer ->
                peer.record(
                    RawRecords.HANDSHAKE, (byte) 24, (byte) 0, (byte) 0, (byte) 1, (byte) 7)),
        offence("a record of no known kind", peer -> peer.record((byte) 99, HELLO)),
        offence("a record of zeros", peer -> peer.record((byte) 0, new byte[20])),
        offence("a cipher change", peer -> peer.record(RawRecords.CHANGE_CIPHER_SPEC, (byte) 1)),
        offence("a fatal alert", peer -> peer.record(RawRecords.ALERT, (byte) 2, (byte) 40)),
        offence("half an alert", peer -> peer.record(RawRecords.ALERT, (byte) 2)),
        offence("plaintext", peer -> RawRecords.plain(RawRecords.DATA, HELLO)),
        offence(
            "a ClientHello in the clear",
            peer -> RawRecords.plain(RawRecords.HANDSHAKE, clientHello())),
        offence("a record of one byte", peer -> RawRecords.plain(RawRecords.DATA, (byte) 1)),
        offence("an empty record in the clear", peer -> RawRecords.plain(RawRecords.DATA)),
        offence("HTTP", peer -> direct("GET / HTTP/1.1\r\nHost: stock\r\n\r\n".getBytes())),
        offence("zeros", peer -> direct(new byte[64])),
        offence("the largest length there is", peer -> header(0xffff)),
        offence("a length of one too many", peer -> header(16_641)),
        offence("SSLv2", peer -> direct(new byte[] {(byte) 0x80, 0x2e, 1, 3, 1, 0, 0x15, 0})));
  }

  private static Arguments offence(String name, Function<RawRecords, ByteBuffer> record) {
    return Arguments.of(name, record);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("offences")
  void whatTheProtocolForbidsEndsTheConnection(String name, Function<RawRecords, ByteBuffer> record)
      throws IOException {
    send(peer.record(RawRecords.DATA, HELLO));
    send(record.apply(peer));

    assertThat(read(HELLO.length)).as("what came before").isEqualTo(HELLO);
    assertThatThrownBy(this::readOn).isInstanceOf(SSLException.class);
    links.release();
    assertThat(links.serverPool.lent()).isZero();
  }

  @Test
  void aReplayedRecordEndsTheConnection() throws IOException {
    ByteBuffer record = peer.record(RawRecords.DATA, HELLO);
    send(record.duplicate());
    send(record);

    assertThat(read(HELLO.length)).isEqualTo(HELLO);
    assertThatThrownBy(this::readOn).isInstanceOf(SSLException.class);
  }

  @Test
  void aMissingRecordEndsTheConnection() throws IOException {
    peer.record(RawRecords.DATA, HELLO); // lost
    send(peer.record(RawRecords.DATA, HELLO));

    assertThatThrownBy(this::readOn).isInstanceOf(SSLException.class);
  }

  @Test
  void swappedRecordsEndTheConnection() throws IOException {
    ByteBuffer first = peer.record(RawRecords.DATA, HELLO);
    send(peer.record(RawRecords.DATA, HELLO));
    send(first);

    assertThatThrownBy(this::readOn).isInstanceOf(SSLException.class);
  }

  @Test
  void aFlippedBitAnywhereInARecordNeverPassesForData() throws IOException {
    int length = peer.record(RawRecords.DATA, HELLO).remaining();
    for (int at = 0; at < length; at++) {
      Links fresh = Links.between(JSSE, provider).handshake();
      fresh.client.write(ByteBuffer.wrap(HELLO));
      fresh.kernel.toServer().corrupt(at);
      fresh.kernel.toServer().close();
      ByteBuffer target = target();

      int position = at;
      if (at == 1 || at == 2) {
        continue; // the legacy version, which says nothing (RFC 8446, section 5.1)
      }
      assertThatThrownBy(() -> fresh.server.read(target))
          .as("byte %d", position)
          .isInstanceOf(IOException.class);
      assertThat(target.position()).isZero();
    }
  }

  @Test
  void whatComesBehindCloseNotifyIsNotRead() throws IOException {
    send(peer.record(RawRecords.ALERT, (byte) 1, (byte) 0));
    send(peer.record(RawRecords.DATA, HELLO));

    assertThat(links.server.read(target())).isEqualTo(Transport.EOF);
    assertThat(links.server.read(target())).isEqualTo(Transport.EOF);
  }

  /** Whatever more the peer sends; answers as a connection does. */
  private void readOn() throws IOException {
    for (int i = 0; i < 10; i++) {
      links.server.read(target());
      links.server.answer();
      send(peer.record(RawRecords.DATA, HELLO));
    }
    links.kernel.toServer().close();
    links.server.read(target());
  }

  private void updateKeys() throws IOException {
    links.client.engine().beginHandshake();
    ByteBuffer record = ByteBuffer.allocateDirect(1 << 15);
    links.client.engine().wrap(ByteBuffer.allocate(0), record);
    send(record.flip());
  }

  private void send(ByteBuffer record) throws IOException {
    int length = record.remaining();
    assertThat(links.kernel.client().write(record)).isEqualTo(length);
  }

  private byte[] read(int most) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(most);
    int n = links.server.read(target);
    return Arrays.copyOf(target.array(), Math.max(n, 0));
  }

  private static ByteBuffer target() {
    return ByteBuffer.allocate(1_000);
  }

  private static ByteBuffer direct(byte... bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** A record of which only the beginning has come. */
  private static ByteBuffer header(int length) {
    return direct((byte) 23, (byte) 3, (byte) 3, (byte) (length >> 8), (byte) length, (byte) 0);
  }

  private static byte[] message(int type, int length, int sent) {
    byte[] message = bytes(4 + sent);
    message[0] = (byte) type;
    message[1] = (byte) (length >> 16);
    message[2] = (byte) (length >> 8);
    message[3] = (byte) length;
    return message;
  }

  private static byte[] clientHello() {
    return message(1, 200, 200);
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    IntStream.range(0, count).forEach(i -> bytes[i] = (byte) (i * 7 + 1));
    return bytes;
  }
}
