package dev.weft.server.distribution;

import dev.weft.policy.Snapshot;
import dev.weft.policy.compile.Workload;
import dev.weft.policy.part.PartSet;
import dev.weft.policy.part.PartStore;
import dev.weft.server.policy.Generation;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One agent: what it should have, what its stream was sent, and what it says about that. Guarded by
 * itself.
 */
final class Agent {
  private final Set<String> wanted = new LinkedHashSet<>();
  private final Progress progress = new Progress();
  private @Nullable Subscriber subscriber;
  private AgentState state;
  private PartSet target = PartSet.NONE;
  private Generation generation = Generation.NONE;
  private long aimedAt = -1;

  /** For an agent of protocol 1: the line that waits. */
  private @Nullable Line whole;

  /** The version at the other end of the stream once it has read everything. */
  private String sent = "";

  /** What makes that version: parts that were sent, or hashes that it told of. */
  private PartSet sentParts = PartSet.NONE;

  private @Nullable Set<String> sentHashes;

  Agent(Instant now) {
    this.state = AgentState.unknown(now);
  }

  /** Another stream begins; returns the one that it takes over from. */
  synchronized @Nullable Subscriber connect(Subscriber newer, Held held) {
    Subscriber before = subscriber;
    subscriber = newer;
    state = state.connected(held.protocol(), held.version(), held.policy());
    progress.came(held.version());
    wanted.clear();
    wanted.addAll(held.wanted());
    whole = null;
    sent = held.version();
    sentParts = PartSet.NONE;
    sentHashes = held.hashes();
    return before;
  }

  synchronized void disconnect(Subscriber ended) {
    if (subscriber == ended) {
      subscriber = null;
      whole = null;
      // Parts of a stream that is over need not stay in memory: the next one begins by hashes.
      sent = "";
      sentParts = PartSet.NONE;
      sentHashes = null;
    }
  }

  synchronized boolean connected() {
    return subscriber != null;
  }

  /** What it asked for and how it speaks, at one moment. */
  private record Wish(int protocol, Set<String> wanted) {}

  private synchronized Wish wish() {
    return new Wish(state.protocol(), Set.copyOf(wanted));
  }

  /**
   * Works out what it should have by a compilation, and wakes its stream if that is something new.
   * Without effect when a later compilation has been here already.
   */
  void aim(MeshState round, Workload workload, PartStore store) {
    // The work is done without the lock, because event loops want it, too.
    for (Wish wish = wish(); ; wish = wish()) {
      if (wish.protocol() == 1) {
        Snapshot snapshot = round.mesh().snapshotFor(workload);
        Line line = holds(snapshot.version()) ? null : Line.whole(snapshot);
        if (settle(wish, round, snapshot.version(), PartSet.NONE, line)) {
          return;
        }
      } else {
        PartSet parts = round.mesh().partsFor(workload, wish.wanted(), store);
        if (settle(wish, round, parts.version(), parts, null)) {
          return;
        }
      }
    }
  }

  private synchronized boolean holds(String version) {
    return subscriber == null || sent.equals(version);
  }

  /** False when the wish has changed meanwhile. */
  private synchronized boolean settle(
      Wish wish, MeshState round, String version, PartSet parts, @Nullable Line line) {
    if (round.number() < aimedAt) {
      return true;
    }
    if (!wish.equals(wish())) {
      return false;
    }
    aimedAt = round.number();
    progress.made(version, aimedAt);
    generation = round.generation();
    target = parts;
    if (!state.offered().equals(version)) {
      state = state.offer(version, round.compiledAt());
    }
    if (line != null && !holds(version)) {
      whole = line;
      sent = version;
    }
    if (subscriber != null && (whole != null || differs())) {
      subscriber.wake();
    }
    return true;
  }

  private boolean differs() {
    return state.protocol() != 1 && !target.version().isEmpty() && !sent.equals(target.version());
  }

  /**
   * The line that brings the other end from what it has to what it should have; null: it has it.
   */
  synchronized @Nullable Line next(Subscriber asking, PushStats stats) {
    if (subscriber != asking) {
      return null;
    }
    if (whole != null) {
      Line line = whole;
      whole = null;
      progress.sent(aimedAt);
      stats.pushed(line, true);
      return line;
    }
    if (!differs()) {
      return null;
    }
    Set<String> hashes = sentHashes;
    boolean everything = sent.isEmpty() || (hashes != null && hashes.isEmpty());
    PartSet.Change change =
        everything
            ? target.since(PartSet.NONE)
            : hashes != null ? target.since(hashes) : target.since(sentParts);
    Line line = Line.change(everything ? "" : sent, target.version(), generation, change);
    sent = target.version();
    sentParts = target;
    sentHashes = null;
    progress.sent(aimedAt);
    stats.pushed(line, everything);
    return line;
  }

  /** The other end has lost its way: it gets everything again. */
  synchronized void resend() {
    sent = "";
    sentParts = PartSet.NONE;
    sentHashes = null;
    if (subscriber != null && differs()) {
      subscriber.wake();
    }
  }

  /** Notes services that it asks for; false: it has asked for too many. */
  synchronized boolean want(Collection<String> keys, int atMost) {
    Set<String> all = new LinkedHashSet<>(wanted);
    all.addAll(keys);
    if (all.size() > atMost) {
      return false;
    }
    wanted.addAll(keys);
    return true;
  }

  synchronized AgentState state() {
    return state;
  }

  /** What it should have; {@link PartSet#NONE} before the first compilation. */
  synchronized PartSet target() {
    return target;
  }

  /** Whether it has a stream, and may still run something from before this compilation. */
  synchronized boolean behind(long round) {
    return subscriber != null && progress.behind(round);
  }

  /**
   * Takes a report in; returns the state before it.
   *
   * @param lost it could not make {@code refused} of what it has, so this is no answer to it
   */
  synchronized AgentState report(
      String inForce,
      String refused,
      boolean lost,
      String reason,
      Instant now,
      Map<String, Object> said) {
    AgentState before = state;
    state = before.report(inForce, refused, reason, now, said);
    progress.answered(inForce, lost ? "" : refused);
    return before;
  }
}
