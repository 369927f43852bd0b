package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import javax.net.ssl.SSLException;

/**
 * What uses a link in the model: one half says its part and then closes, the other reads to the
 * end. Each call does a thing of which the dice know the size and kind, and checks what the link
 * answers.
 */
final class Application {
  private final String name;
  private final Random dice;
  private final TlsLink link;
  private final SimulatedKernel.Pipe out;
  private final SimulatedKernel.Pipe in;
  private final boolean alone; // nobody writes while it reads, so that it can check more
  final Conversation talk;
  boolean established;
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
    this.talk =
        new Conversation(dice, dice.nextInt(dice.nextInt(3) == 0 ? 300_000 : 20_000), false);
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
      if (talk.saidAll()) {
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
      return talk.wrote(link.write(talk.next()));
    } catch (IOException e) {
      silent = true; // something broken has been met; the reader shows whether that is right
      return false;
    }
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
    ByteBuffer target = talk.target();
    int n = link.read(target);
    if (must) {
      // The record may have been a key update or a ticket, but then it is gone.
      assertThat(n != Transport.UNAVAILABLE || !link.undelivered())
          .as("a read of what is undelivered takes it")
          .isTrue();
    } else if (nothing && n != Transport.EOF) {
      assertThat(n).as("a read of nothing").isEqualTo(Transport.UNAVAILABLE);
    }
    talk.read(target, n);
    if (n == Transport.EOF) {
      end = "close_notify";
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
    talk.assertHeardAllOf(other.talk);
    assertThat(end).isEqualTo("close_notify");
  }

  /** No byte that is not the other's, and no end that looks like a good one before the last. */
  void assertGotABeginning(Application other) {
    talk.assertHeardABeginningOf(other.talk);
    if ("close_notify".equals(end)) {
      assertThat(talk.heard()).as("bytes before a good end").isEqualTo(other.talk.length());
    }
  }

  @Override
  public String toString() {
    return name + "[established=" + established + " " + talk + " end=" + end + "]";
  }
}
