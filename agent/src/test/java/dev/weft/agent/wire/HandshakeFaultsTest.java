package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.identity.TlsProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Handshakes whose bytes are cut, reset or changed at every place. Each ends, with an error at the
 * end that met the fault; nobody takes a connection for established whose peer saw something else.
 *
 * <p>{@code -Dweft.fuzz.seed=N} flips and changes other bytes, {@code -Dweft.fuzz.count=N} more.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.weft.agent.identity.TlsProvider#all")
class HandshakeFaultsTest {
  private static final long SEED = Long.getLong("weft.fuzz.seed", 1);
  private static final int CHANGES = Integer.getInteger("weft.fuzz.count", 120);

  /** From whom the fault's bytes come. */
  private enum From {
    CLIENT,
    SERVER
  }

  private final TlsProvider provider;

  HandshakeFaultsTest(TlsProvider provider) {
    this.provider = provider;
  }

  @ParameterizedTest
  @EnumSource
  void aHandshakeCutAfterAnyByteIsAnError(From from) throws IOException {
    Attempt whole = new Attempt(from);
    whole.play();
    assertThat(whole.bothEstablished()).isTrue();
    long length = whole.pipe().passed();
    for (int k = 0; k < length - 8; k++) { // a signature may be some bytes shorter
      boolean reset = k % 2 == 0;
      Attempt attempt = new Attempt(from);
      attempt.cutAfter = k;
      attempt.reset = reset;
      attempt.play();
      assertThat(attempt.bothEstablished()).as("cut after byte %d", k).isFalse();
      assertThat(attempt.failure(from == From.CLIENT ? From.SERVER : From.CLIENT))
          .as("cut after byte %d, reset %s", k, reset)
          .isNotNull();
      attempt.assertNothingHeld();
    }
  }

  /** Other bytes for each seed. */
  @ParameterizedTest
  @EnumSource
  void aFlippedBitIsAnErrorOrMeansNothing(From from) throws IOException {
    Attempt whole = new Attempt(from);
    whole.play();
    long length = whole.pipe().passed();
    for (int k = (int) (SEED % 9); k < length - 8; k += 9) {
      Attempt attempt = new Attempt(from);
      attempt.flipAt = k;
      attempt.play();
      attempt.assertAgreed("flipped byte " + k);
      attempt.assertNothingHeld();
    }
  }

  @Test
  void changedBytesAreAnErrorOrMeanNothing() throws IOException {
    Random dice = new Random(SEED);
    for (int i = 0; i < CHANGES; i++) {
      long seed = dice.nextLong();
      Attempt attempt = new Attempt(dice.nextBoolean() ? From.CLIENT : From.SERVER);
      attempt.changeAfter = dice.nextInt(2_500);
      attempt.dice = new Random(seed);
      try {
        attempt.play();
        attempt.assertAgreed("change " + i);
        attempt.assertNothingHeld();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("-Dweft.fuzz.seed=" + SEED + " change " + i + ": " + e, e);
      }
    }
  }

  private final class Attempt {
    private final Links links = Links.fresh(provider);
    private final From from;
    int cutAfter = Integer.MAX_VALUE;
    int flipAt = -1;
    int changeAfter = Integer.MAX_VALUE;
    boolean reset;
    Random dice;
    private boolean done;
    private boolean clientDone;
    private boolean serverDone;
    private IOException clientFailure;
    private IOException serverFailure;

    Attempt(From from) throws IOException {
      this.from = from;
    }

    SimulatedKernel.Pipe pipe() {
      return from == From.CLIENT ? links.kernel.toServer() : links.kernel.toClient();
    }

    void play() {
      int idle = 0;
      while (idle < 3) {
        long before = links.kernel.toServer().passed() + links.kernel.toClient().passed();
        boolean moved = client();
        interfere();
        moved |= server();
        interfere();
        long after = links.kernel.toServer().passed() + links.kernel.toClient().passed();
        idle = moved || before != after ? 0 : idle + 1;
      }
      // Who waits for bytes that never come is told by the driver's clock; here, by the end.
      links.kernel.toServer().close();
      links.kernel.toClient().close();
      client();
      server();
    }

    private boolean client() {
      if (clientDone || clientFailure != null) {
        return false;
      }
      try {
        TlsLink.Need need = links.client.advance();
        if (need == TlsLink.Need.TASK) {
          links.client.runTasks();
        }
        clientDone = need == TlsLink.Need.NOTHING;
        return need == TlsLink.Need.TASK;
      } catch (IOException e) {
        clientFailure = e;
        lastWords(links.client);
        return true;
      }
    }

    private boolean server() {
      if (serverDone || serverFailure != null) {
        return false;
      }
      try {
        TlsLink.Need need = links.server.advance();
        if (need == TlsLink.Need.TASK) {
          links.server.runTasks();
        }
        serverDone = need == TlsLink.Need.NOTHING;
        return need == TlsLink.Need.TASK;
      } catch (IOException e) {
        serverFailure = e;
        lastWords(links.server);
        return true;
      }
    }

    /** An alert, and then the end, as a connection that fails does. */
    private void lastWords(TlsLink link) {
      try {
        link.advance();
      } catch (IOException gone) {
        // nobody hears it
      }
      (link == links.client ? links.kernel.toServer() : links.kernel.toClient()).close();
    }

    private void interfere() {
      SimulatedKernel.Pipe pipe = pipe();
      long first = pipe.passed() - pipe.size(); // what has been read already
      if (done) {
        return;
      }
      if (pipe.passed() > cutAfter) {
        int keep = (int) Math.max(0, cutAfter - first);
        if (reset) {
          pipe.reset(keep);
        } else {
          pipe.cut(keep);
          pipe.close();
        }
        done = true;
      } else if (flipAt >= first && flipAt < pipe.passed()) {
        pipe.corrupt((int) (flipAt - first));
        done = true;
      } else if (pipe.passed() > changeAfter && pipe.size() > 0) {
        pipe.change(dice);
        done = true;
      }
    }

    boolean bothEstablished() {
      return clientDone && serverDone;
    }

    IOException failure(From end) {
      return end == From.CLIENT ? clientFailure : serverFailure;
    }

    /** Whoever is established hears what the other says, or an error; never anything else. */
    void assertAgreed(String what) {
      if (serverDone && clientDone) {
        return;
      }
      assertThat(clientFailure != null || serverFailure != null).as(what).isTrue();
      if (clientDone) {
        ByteBuffer target = ByteBuffer.allocate(100);
        try {
          int n = links.client.read(target);
          assertThat(n).as(what).isLessThanOrEqualTo(0);
        } catch (IOException expected) {
          // it learns of the refusal here
        }
        assertThat(target.position()).as(what).isZero();
      }
    }

    void assertNothingHeld() {
      links.release();
      assertThat(links.clientPool.lent() + links.serverPool.lent()).as("buffers held").isZero();
    }
  }
}
