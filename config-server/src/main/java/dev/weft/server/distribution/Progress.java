package dev.weft.server.distribution;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which compilation an agent has come to, by the versions that it answers for. While others come
 * and go an agent is hardly ever at the newest version; what was compiled a moment ago may be new
 * enough. Versions are made of what they hold, so an agent that runs one is as far as the last
 * compilation that made it. Guarded by its agent.
 */
final class Progress {
  /**
   * Versions that wait for an answer; of an older one it is not known any more when it was made.
   */
  static final int REMEMBERED = 32;

  private static final long NOWHERE = -1;

  /** The last compilation that made a version, in order of that. */
  private final Map<String, Long> made = new LinkedHashMap<>();

  private String acked = "";
  private String nacked = "";
  private boolean runsNothing = true;
  private long reached = NOWHERE;

  /** A compilation made this version for the agent. */
  void made(String version, long round) {
    if (made.isEmpty() && (version.equals(acked) || version.equals(nacked))) {
      reached = Math.max(reached, round);
      return;
    }
    made.remove(version);
    made.put(version, round);
    if (made.size() > REMEMBERED) {
      made.remove(made.keySet().iterator().next());
    }
  }

  /** The agent was sent what a compilation made. */
  void sent(long round) {
    if (runsNothing) {
      runsNothing = false;
      reached = Math.max(reached, round); // it cannot run anything older
    }
  }

  /** The agent has come with this version in force; empty: with none. */
  void came(String version) {
    if (!version.isEmpty()) {
      runsNothing = false;
      answered(version, nacked);
    }
  }

  /** The agent runs one version, and refuses another; empty: none. */
  void answered(String inForce, String refused) {
    acked = inForce;
    nacked = refused;
    for (String version : new String[] {inForce, refused}) {
      Long round = made.get(version);
      if (round != null) {
        reached = Math.max(reached, round);
        made.values().removeIf(other -> other <= round);
      }
    }
  }

  /** Whether it may still run something from before this compilation. */
  boolean behind(long round) {
    return !runsNothing && reached < round;
  }
}
