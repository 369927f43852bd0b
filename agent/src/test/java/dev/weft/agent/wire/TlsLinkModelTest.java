package dev.weft.agent.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.agent.identity.TlsProvider;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two links against each other over a kernel that is as difficult as it may be, by thrown dice. The
 * model is simple: what comes out is what went in; after trouble, a beginning of it, and an error.
 *
 * <p>Each game is played in one of two ways. By moves: one thread lets either end do something.
 * With {@linkplain Turns turns}: each end has a reader and a writer of its own, which stop in the
 * middle of what they do. A step is a call of the kernel or an engine, counted before and after.
 *
 * <p>A failure names its seed. {@code -Dweft.model.seed=N} plays that game alone (signatures differ
 * in length by a byte or two, so repeat it); {@code -Dweft.model.steps=N} plays more of them.
 */
class TlsLinkModelTest {
  /** In each of the {@link #games}; a million and more together. */
  private static final long STEPS = Long.getLong("weft.model.steps", 40_000);

  private static final long PATIENCE = 1_000_000;

  /** What goes wrong with the bytes from client to server. */
  private enum Trouble {
    NONE,
    /** The connection ends without close_notify, and what was on its way is lost. */
    CUT,
    /** Both directions are reset, perhaps during the handshake. */
    RESET,
    /** A bit is flipped. */
    FORGED
  }

  private enum Way {
    MOVES,
    TURNS
  }

  static Stream<Arguments> games() {
    return Links.PROVIDERS.stream()
        .flatMap(
            provider ->
                Stream.of(Way.values())
                    .flatMap(
                        way ->
                            Stream.of(Trouble.values())
                                .map(trouble -> Arguments.of(trouble, way, provider))));
  }

  @ParameterizedTest(name = "trouble {0}, by {1}, {2}")
  @MethodSource("games")
  void whatComesOutIsWhatWentIn(
      Trouble trouble, Way way, TlsProvider provider, TestReporter reporter) {
    Long only = Long.getLong("weft.model.seed");
    long steps = 0;
    long keyUpdates = 0;
    long games = 0;
    for (long seed = only == null ? 1 : only; steps < STEPS; seed++) {
      try {
        Game game = new Game(seed, provider, trouble, way);
        try {
          game.play();
          game.judge();
        } catch (AssertionError e) {
          throw new AssertionError(e.getMessage() + " " + game.client + " " + game.server, e);
        }
        steps += game.turns.taken();
        games++;
        keyUpdates += game.client.keyUpdates + game.server.keyUpdates;
      } catch (IOException | AssertionError | RuntimeException e) {
        throw new AssertionError("-Dweft.model.seed=" + seed + ": " + e, e);
      }
      if (only != null) {
        return;
      }
    }
    reporter.publishEntry(
        Map.of("games", "" + games, "steps", "" + steps, "key updates", "" + keyUpdates));
    assertThat(steps).isGreaterThanOrEqualTo(STEPS);
    assertThat(keyUpdates).as("key updates").isPositive();
  }

  private static final class Game {
    final Random dice;
    final Turns turns;
    final Links links;
    final Application client;
    final Application server;
    private final Trouble trouble;
    private final Way way;
    private final long after; // bytes from the client, then trouble comes
    private boolean broken;

    Game(long seed, TlsProvider provider, Trouble trouble, Way way) throws IOException {
      this.trouble = trouble;
      this.way = way;
      dice = new Random(seed);
      turns = new Turns(dice, PATIENCE);
      int capacity = 1 + dice.nextInt(dice.nextBoolean() ? 2_000 : 60_000);
      links = Links.moody(provider, dice, capacity, turns::pass);
      SimulatedKernel kernel = links.kernel;
      boolean alone = way == Way.MOVES;
      client =
          new Application(
              "client", dice, links.client, kernel.toServer(), kernel.toClient(), alone);
      server =
          new Application(
              "server", dice, links.server, kernel.toClient(), kernel.toServer(), alone);
      // Also behind the last byte: there, close_notify is lost.
      after =
          trouble == Trouble.RESET && dice.nextBoolean()
              ? dice.nextInt(3_000) // in the handshake, that is
              : dice.nextInt(client.talk.length() + 1);
    }

    void play() {
      if (way == Way.TURNS) {
        turns.play(
            () -> reads(client), () -> writes(client), () -> reads(server), () -> writes(server));
        return;
      }
      List<Application> both = List.of(client, server);
      while (!over()) {
        Application any = both.get(dice.nextInt(2));
        if (any.handshake()) {
          boolean moved = dice.nextBoolean() ? any.write() : any.read();
        }
        interfere();
        turns.pass();
      }
    }

    private void reads(Application end) {
      while (!over() && !end.handshake()) {
        turns.idle();
      }
      while (!over()) {
        if (!end.read()) {
          turns.idle();
        }
      }
    }

    private void writes(Application end) {
      while (!over()) {
        boolean moved = end.established && end.write();
        interfere();
        if (!moved) {
          turns.idle();
        }
      }
    }

    private boolean over() {
      return server.end != null && (broken || client.end != null);
    }

    private void interfere() {
      SimulatedKernel.Pipe pipe = links.kernel.toServer();
      if (broken) {
        return;
      }
      switch (trouble) {
        case NONE -> {
          // as it is
        }
        case CUT -> {
          if (client.established && client.talk.said() >= after && !client.closed) {
            pipe.cut(dice.nextInt(pipe.size() + 1));
            pipe.close();
            client.silent = true;
            broken = true;
          }
        }
        case RESET -> {
          if (pipe.passed() >= after) {
            links.kernel.reset();
            broken = true;
          }
        }
        case FORGED -> {
          if (client.established && client.talk.said() >= after && pipe.size() > 0) {
            pipe.corrupt(dice.nextInt(pipe.size()));
            broken = true;
          }
        }
      }
    }

    void judge() {
      switch (trouble) {
        case NONE -> {
          server.assertGotAll(client);
          client.assertGotAll(server);
          assertThat(links.clientPool.lent()).isZero();
          assertThat(links.serverPool.lent()).isZero();
        }
        case CUT -> assertThat(server.end).isEqualTo("truncated");
        case RESET -> assertThat(server.end).isIn("reset", "truncated", "close_notify");
        case FORGED -> {
          if (!"close_notify".equals(server.end)) {
            // Else not seen by the dice, or a byte of the legacy version, which says nothing (RFC
            // 8446, section 5.1). A forged length may ask for bytes that never come.
            assertThat(server.end).isIn("forged", "truncated");
          }
        }
      }
      server.assertGotABeginning(client);
      client.assertGotABeginning(server);
      links.release();
      assertThat(links.clientPool.lent()).as("buffers that the client keeps").isZero();
      assertThat(links.serverPool.lent()).as("buffers that the server keeps").isZero();
    }
  }
}
