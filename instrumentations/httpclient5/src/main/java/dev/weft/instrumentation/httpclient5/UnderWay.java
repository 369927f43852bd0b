package dev.weft.instrumentation.httpclient5;

import dev.weft.instrumentation.Race;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one request that are under way. A rival has a fork of the library's runtime, of
 * which the library knows nothing: what becomes of its connection is decided here. Thread-safe.
 */
final class UnderWay {
  private final AsyncConnections own;
  private final AsyncMeshRuntime runtime;
  private final Race<Sending> race = new Race<>(UnderWay::lose);

  /**
   * None yet.
   *
   * @param own those of the library's own runtime
   * @param runtime hears of the one that the response came by, if it is a fork
   */
  UnderWay(AsyncConnections own, AsyncMeshRuntime runtime) {
    this.own = own;
    this.runtime = runtime;
  }

  /** An attempt begins; false: another one has won already. */
  boolean begin(Sending attempt) {
    return race.join(attempt);
  }

  /** Nothing more comes of an attempt. */
  void end(Sending attempt) {
    race.leave(attempt);
  }

  /** In the order in which they began; the list does not change. */
  List<Sending> all() {
    return race.underWay();
  }

  /** The application gets this response: all others have lost. */
  void won(Sending winner) {
    race.won(winner);
    AsyncConnections by = winner.connections();
    if (by != own) {
      own.context().setProtocolVersion(by.context().getProtocolVersion());
      runtime.answeredBy(by.runtime());
    }
  }

  /** The eldest, when all others have been given up; null: there is none. */
  @Nullable Sending eldestAlone() {
    List<Sending> current = all();
    current.stream().skip(1).forEach(UnderWay::lose);
    return current.isEmpty() ? null : current.get(0);
  }

  /** Nobody waits for an answer any more. */
  void loseAll() {
    race.end();
    own.retire();
  }

  private static void lose(Sending loser) {
    if (loser.giveUp()) {
      loser.connections().retire();
    }
  }

  /** The exchange has failed: what the library would do with its own, for the forks. */
  void retireForks() {
    for (Sending each : all()) {
      if (each.connections() != own) {
        each.connections().retire();
      }
    }
  }
}
