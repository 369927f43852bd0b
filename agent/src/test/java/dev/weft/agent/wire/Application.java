package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLException;

/**
 * What uses a link in the model: one half writes a stream of bytes and then closes, the other reads
 * to the end. Each call does a thing of which the dice know the size and kind, and checks what the
 * link answers.
 */
final class Application {
  private final String name;
  private final Random dice;
  private final TlsLink link;
  private final SimulatedKernel.Pipe out;
  private final SimulatedKernel.Pipe in;
  private final ByteArrayOutputStream got = new ByteArrayOutputStream();
  private final boolean alone; // nobody writes while it reads, so that it can check more
  final byte[] stream;
  boolean established;
  int sent;
  boolean closed;
  boolean silent;
  int keyUpdates;
  String end; // how the reader's stream ended

  Application(
      String name,
      Random dice,
      TlsLink link,
      SimulatedKernel.Pipe out,
      SimulatedKernel.Pipe in,
      boolean alone) {
    this.name = name;
    this.dice = dice;
    this.link = link;
    this.out = out;
    this.in = in;
    this.alone = alone;
    this.stream = new byte[dice.nextInt(dice.nextInt(3) == 0 ? 300_000 : 20_000)];
    dice.nextBytes(stream);
  }

  /** A step of the handshake; true: it is over, well or not. */
  boolean handshake() {
    if (!established && end == null) {
      try {
        established = Links.advance(link);
      } catch (IOException e) {
        silent = true;
        ended(e);
      }
    }
    return established || end != null;
  }

  /** Writes, or closes; false: there was nothing to do. */
  boolean write() {
    if (closed || silent) {
      return false;
    }
    try {
      if (sent == stream.length) {
        closed = link.closeOutbound();
        if (closed) {
          out.close();
        }
        return closed;
      }
      if (dice.nextInt(16) == 0 && !link.engine().isInboundDone()) {
        link.engine().beginHandshake(); // after a TLS 1.3 handshake: a key update
        keyUpdates++;
      }
      int offered = 1 + dice.nextInt(Math.min(stream.length - sent, size()));
      long n = link.write(pieces(sent, offered));
      assertThat(n).isNotZero().isGreaterThanOrEqualTo(Transport.UNAVAILABLE);
      assertThat(n).isLessThanOrEqualTo(offered);
      sent += (int) Math.max(0, n);
      return n > 0;
    } catch (IOException e) {
      silent = true; // something broken has been met; the reader shows whether that is right
      return false;
    }
  }

  /** Bytes of the stream in some buffers of all kinds, as a gathering write has them. */
  private ByteBuffer[] pieces(int from, int length) {
    int pieces = 1 + dice.nextInt(3);
    ByteBuffer[] sources = new ByteBuffer[pieces];
    int at = from;
    for (int i = 0; i < pieces; i++) {
      int left = from + length - at;
      int n = i == pieces - 1 ? left : dice.nextInt(left + 1);
      sources[i] = piece(at, n);
      at += n;
    }
    return sources;
  }

  private ByteBuffer piece(int at, int length) {
    return switch (dice.nextInt(4)) {
      case 0 -> ByteBuffer.wrap(stream, at, length);
      case 1 -> ByteBuffer.wrap(stream, at, length).slice().asReadOnlyBuffer();
      case 2 -> ByteBuffer.allocate(length).put(stream, at, length).flip();
      default -> ByteBuffer.allocateDirect(length).put(stream, at, length).flip();
    };
  }

  private int size() {
    return switch (dice.nextInt(6)) {
      case 0 -> 1;
      case 1, 2 -> 10;
      case 3 -> 300;
      case 4 -> 5_000;
      default -> 70_000;
    };
  }

  /** Reads, or asks what there is to read; false: there was nothing. */
  boolean read() {
    if (end != null) {
      return false;
    }
    try {
      if (dice.nextInt(8) == 0) {
        int n = link.available();
        assertThat(n == 0 || link.undelivered()).as("%d available are undelivered", n).isTrue();
      }
      return take();
    } catch (IOException e) {
      ended(e);
      return false;
    }
  }

  private boolean take() throws IOException {
    boolean must = link.undelivered();
    boolean nothing = alone && in.size() == 0 && !in.closed();
    int size = 1 + dice.nextInt(size());
    ByteBuffer target =
        dice.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    int n = link.read(target);
    if (must) {
      // The record may have been a key update or a ticket, but then it is gone.
      assertThat(n != Transport.UNAVAILABLE || !link.undelivered())
          .as("a read of what is undelivered takes it")
          .isTrue();
    } else if (nothing && n != Transport.EOF) {
      assertThat(n).as("a read of nothing").isEqualTo(Transport.UNAVAILABLE);
    }
    if (n == Transport.EOF) {
      end = "close_notify";
    } else if (n > 0) {
      assertThat(target.position()).isEqualTo(n);
      byte[] bytes = new byte[n];
      target.flip().get(bytes);
      got.write(bytes, 0, n);
      assertThat(got.size()).as("bytes read").isLessThanOrEqualTo(1 << 20);
    } else {
      assertThat(n).isEqualTo(Transport.UNAVAILABLE);
    }
    return n > 0;
  }

  private void ended(IOException e) {
    if (e instanceof EOFException) {
      end = "truncated";
    } else if (e instanceof SSLException) {
      end = "forged";
      silent = true; // as the connection does: after this it carries nothing more
    } else {
      end = "reset";
    }
  }

  /** Every byte of the other's stream, and its end. */
  void assertGotAll(Application other) {
    assertGotABeginning(other);
    assertThat(got.size()).as("bytes that %s got", this).isEqualTo(other.stream.length);
    assertThat(end).isEqualTo("close_notify");
  }

  /** No byte that is not the other's, and no end that looks like a good one before the last. */
  void assertGotABeginning(Application other) {
    byte[] bytes = got.toByteArray();
    int differs = Arrays.mismatch(bytes, other.stream);
    assertThat(differs)
        .as(
            "first byte of %d that is not as in the stream of %d",
            bytes.length, other.stream.length)
        .isIn(-1, bytes.length);
    if ("close_notify".equals(end)) {
      assertThat(bytes.length).as("bytes before a good end").isEqualTo(other.stream.length);
    }
  }

  @Override
  public String toString() {
    return name
        + "[established="
        + established
        + " sent="
        + sent
        + "/"
        + stream.length
        + " got="
        + got.size()
        + " end="
        + end
        + "]";
  }
}
