package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.agent.identity.TlsProvider;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.weft.agent.identity.TlsProvider#all")
class TlsLinkTest {
  private static final int RECORD = 16_384;

  private final TlsProvider provider;
  private Links links;

  TlsLinkTest(TlsProvider provider) {
    this.provider = provider;
  }

  @BeforeEach
  void handshake() throws IOException {
    links = Links.established(provider);
  }

  @Test
  void bytesArriveAsTheyWereWritten() throws IOException {
    byte[] sent = bytes(50_000);

    assertThat(links.client.write(ByteBuffer.wrap(sent))).isEqualTo(sent.length);

    assertThat(readAll(links.server, 4_096)).isEqualTo(sent);
  }

  @Test
  void aWriteIsConsumedOnlyWhenItsCiphertextHasLeft() throws IOException {
    links.kernel.toServer().capacity(1_000);

    assertThat(links.client.write(ByteBuffer.wrap(bytes(5_000)))).isEqualTo(Transport.UNAVAILABLE);
  }

  @Test
  void whatHasLeftBeforeTheKernelWasFullIsConsumed() throws IOException {
    links.kernel.toServer().capacity(40_000);

    long consumed = links.client.write(ByteBuffer.wrap(bytes(80_000)));

    assertThat(consumed).isBetween(1L, 39_999L);
    assertThat(readAll(links.server, RECORD)).isEqualTo(bytes((int) consumed));
  }

  @Test
  void aRepeatedWriteIsCreditedAndNotEncryptedTwice() throws IOException {
    byte[] sent = bytes(5_000);
    links.kernel.toServer().capacity(1_000);
    assertThat(links.client.write(ByteBuffer.wrap(sent))).isNegative();
    links.kernel.toServer().capacity(1 << 17);

    assertThat(links.client.write(ByteBuffer.wrap(sent))).isEqualTo(sent.length);

    assertThat(readAll(links.server, RECORD)).isEqualTo(sent);
  }

  @Test
  void aRepeatedWriteMayComeInSmallerChunks() throws IOException {
    byte[] sent = bytes(5_000);
    links.kernel.toServer().capacity(1_000);
    assertThat(links.client.write(ByteBuffer.wrap(sent))).isNegative();
    links.kernel.toServer().capacity(1 << 17);

    for (int at = 0; at < sent.length; at += 1_250) {
      assertThat(links.client.write(ByteBuffer.wrap(sent, at, 1_250))).isEqualTo(1_250);
    }

    assertThat(readAll(links.server, RECORD)).isEqualTo(sent);
  }

  @Test
  void aRepeatedWriteMayBringMore() throws IOException {
    byte[] sent = bytes(9_000);
    links.kernel.toServer().capacity(1_000);
    assertThat(links.client.write(ByteBuffer.wrap(sent, 0, 5_000))).isNegative();
    links.kernel.toServer().capacity(1 << 17);

    long consumed =
        links.client.write(ByteBuffer.wrap(sent, 0, 2_000), ByteBuffer.wrap(sent, 2_000, 7_000));

    assertThat(consumed).isEqualTo(sent.length);
    assertThat(readAll(links.server, RECORD)).isEqualTo(sent);
  }

  /** A client that never reads would be reset by its own close, with them unread. */
  @Test
  void noTicketIsSentBeforeTheServerSpeaks() throws IOException {
    assertThat(links.kernel.toClient().size()).isZero();

    links.server.write(ByteBuffer.wrap(bytes(10)));

    assertThat(links.kernel.toClient().size()).as("with tickets").isGreaterThan(100);
  }

  /** The server's tickets go out with it. */
  @Test
  void theFirstWriteOfAServerIsConsumedWhole() throws IOException {
    byte[] sent = bytes(100);

    assertThat(links.server.write(ByteBuffer.wrap(sent))).isEqualTo(sent.length);

    assertThat(readAll(links.client, RECORD)).isEqualTo(sent);
  }

  @Test
  void undeliveredPlaintextIsReported() throws IOException {
    links.client.write(ByteBuffer.wrap(bytes(100)));

    assertThat(links.server.read(ByteBuffer.allocate(1))).isEqualTo(1);

    assertThat(links.server.undelivered()).isTrue();
    assertThat(links.server.read(ByteBuffer.allocate(99))).isEqualTo(99);
    assertThat(links.server.undelivered()).isFalse();
  }

  @Test
  void anUndeliveredCompleteRecordIsReported() throws IOException {
    links.client.write(ByteBuffer.wrap(bytes(100)));
    links.client.write(ByteBuffer.wrap(bytes(200)));

    assertThat(links.server.read(ByteBuffer.allocate(100))).isEqualTo(100);

    assertThat(links.kernel.toServer().size()).isZero();
    assertThat(links.server.undelivered()).isTrue();
    assertThat(links.server.read(ByteBuffer.allocate(300))).isEqualTo(200);
    assertThat(links.server.undelivered()).isFalse();
  }

  @Test
  void anIncompleteRecordIsNothingToDeliver() throws IOException {
    links.client.write(ByteBuffer.wrap(bytes(100)));
    links.kernel.toServer().cut(50);

    assertThat(links.server.read(ByteBuffer.allocate(100))).isEqualTo(Transport.UNAVAILABLE);
    assertThat(links.server.undelivered()).isFalse();
  }

  @Test
  void availableBytesAreCountedInPlaintext() throws IOException {
    assertThat(links.server.available()).isZero();
    links.client.write(ByteBuffer.wrap(bytes(100)));
    links.client.write(ByteBuffer.wrap(bytes(200)));

    assertThat(links.server.available()).isEqualTo(300);
    assertThat(readAll(links.server, 7)).hasSize(300);
  }

  @Test
  void idleLinksHoldNoBuffers() throws IOException {
    assertThat(links.clientPool.lent()).isZero();
    assertThat(links.serverPool.lent()).isZero();
    links.client.write(ByteBuffer.wrap(bytes(100_000)));
    assertThat(links.server.read(ByteBuffer.allocate(10))).isEqualTo(10);
    assertThat(links.serverPool.lent()).isPositive();

    readAll(links.server, 1_000);

    assertThat(links.clientPool.lent()).isZero();
    assertThat(links.serverPool.lent()).isZero();
  }

  @Test
  void aClosedLinkGivesItsBuffersBack() throws IOException {
    links.kernel.toServer().capacity(20_000);
    links.client.write(ByteBuffer.wrap(bytes(100_000)));
    links.server.read(ByteBuffer.allocate(10));
    assertThat(links.clientPool.lent()).isPositive();
    assertThat(links.serverPool.lent()).isPositive();

    links.client.releaseOutput();
    links.server.releaseInput();

    assertThat(links.clientPool.lent()).isZero();
    assertThat(links.serverPool.lent()).isZero();
  }

  @Test
  void closeNotifyIsTheEndOfTheStream() throws IOException {
    links.client.write(ByteBuffer.wrap(bytes(100)));
    assertThat(links.client.closeOutbound()).isTrue();

    assertThat(links.server.read(ByteBuffer.allocate(200))).isEqualTo(100);
    assertThat(links.server.read(ByteBuffer.allocate(200))).isEqualTo(Transport.EOF);
    assertThat(links.server.read(ByteBuffer.allocate(200))).isEqualTo(Transport.EOF);
    assertThat(links.server.available()).isZero();
  }

  @Test
  void afterTheClosedHalfTheOtherStillCarriesBytes() throws IOException {
    links.client.closeOutbound();
    assertThat(links.server.read(ByteBuffer.allocate(1))).isEqualTo(Transport.EOF);
    byte[] answer = bytes(40_000);

    assertThat(links.server.write(ByteBuffer.wrap(answer))).isEqualTo(answer.length);

    assertThat(readAll(links.client, 1_000)).isEqualTo(answer);
  }

  @Test
  void closeNotifyWaitsForAFullKernel() throws IOException {
    links.kernel.toServer().capacity(1_000);
    links.client.write(ByteBuffer.wrap(bytes(2_000)));

    assertThat(links.client.closeOutbound()).isFalse();
    links.kernel.toServer().capacity(1 << 17);
    assertThat(links.client.closeOutbound()).isTrue();

    assertThat(readAll(links.server, 100)).hasSize(2_000);
    assertThat(links.server.read(ByteBuffer.allocate(1))).isEqualTo(Transport.EOF);
  }

  @Test
  void anEndWithoutCloseNotifyIsAnError() {
    links.kernel.toServer().close();

    assertThatThrownBy(() -> links.server.read(ByteBuffer.allocate(1)))
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("truncated");
  }

  @Test
  void aCorruptedByteIsAnError() throws IOException {
    links.client.write(ByteBuffer.wrap(bytes(100)));
    links.kernel.toServer().corrupt(60);

    assertThatThrownBy(() -> links.server.read(ByteBuffer.allocate(100)))
        .isInstanceOf(SSLException.class);
    assertThat(links.serverPool.lent()).isZero();
  }

  @Test
  void whatCameBeforeACorruptedRecordIsDeliveredBeforeTheError() throws IOException {
    byte[] sent = bytes(100);
    links.client.write(ByteBuffer.wrap(sent));
    int first = links.kernel.toServer().size();
    links.client.write(ByteBuffer.wrap(bytes(100)));
    links.kernel.toServer().corrupt(first + 60);
    ByteBuffer target = ByteBuffer.allocate(300);

    assertThat(links.server.read(target)).isEqualTo(100);

    assertThat(Arrays.copyOf(target.array(), 100)).isEqualTo(sent);
    assertThat(links.server.undelivered()).isTrue();
    assertThatThrownBy(() -> links.server.read(ByteBuffer.allocate(100)))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void aPeerThatLeavesInTheHandshakeIsAnError() throws IOException {
    Links fresh = Links.fresh(provider);
    fresh.kernel.toServer().close();

    assertThatThrownBy(
            () -> {
              while (!Links.advance(fresh.server)) {
                // until it notices
              }
            })
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("during the handshake");
    fresh.server.releaseInput();
    fresh.server.releaseOutput();
    assertThat(fresh.serverPool.lent()).isZero();
  }

  private static byte[] readAll(TlsLink link, int chunk) throws IOException {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    ByteBuffer target = ByteBuffer.allocate(chunk);
    for (int n = link.read(target); n > 0; n = link.read(target.clear())) {
      all.write(target.array(), 0, n);
    }
    return all.toByteArray();
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8));
    }
    return bytes;
  }
}
