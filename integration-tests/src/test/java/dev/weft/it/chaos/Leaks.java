package dev.weft.it.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Compares what a process held before the storm with what it holds after it. What every request, or
 * every broken connection, left behind would be there a thousand times.
 */
final class Leaks {
  private static final long MIB = 1 << 20;

  /** Descriptors: pools of connections to two instances of a service instead of one, and jars. */
  private static final int FILES = 12;

  /** Sockets that a pool without a thread of its own has not found closed yet: it keeps five. */
  private static final int HALF_CLOSED = 6;

  /** Buffers of the libraries, one or two for each thread that was ever busy at the same time. */
  private static final long DIRECT = 2 * MIB;

  /**
   * Classes and what is compiled late, metrics of statuses and endpoints that had not been seen.
   */
  private static final long HEAP = 6 * MIB;

  /** The JVM's own, such as the one that answers {@code jcmd}, and timers of libraries. */
  private static final int THREADS = 3;

  /** One, from the first request on whose time is limited. */
  private static final String TIMER = "weft-timer";

  /** Requests that are over, besides one for each connection, which remembers its last. */
  private static final int EXCHANGES = 6;

  /** Over the last two thirds of a long storm. */
  private static final long TREND = 2 * MIB;

  private Leaks() {}

  /** What there is too much of, in words. */
  static List<String> between(Residue before, Residue after) {
    List<String> leaks = new ArrayList<>();
    check(leaks, "the agent's threads", own(before), own(after), 0);
    check(leaks, "timers' threads", 0, after.threads(TIMER::equals), 1);
    check(leaks, "other threads", others(before), others(after), THREADS);
    check(leaks, "descriptors", before.files(), after.files(), FILES);
    check(leaks, "half-closed sockets", 0, after.halfClosed(), HALF_CLOSED);
    check(leaks, "bytes of direct buffers", before.direct(), after.direct(), DIRECT);
    check(leaks, "bytes of heap", before.heap(), after.heap(), HEAP);
    int connections = after.ours().getOrDefault("MeshConnection", 0);
    check(leaks, "requests beside connections", connections, exchanges(after), EXCHANGES);
    check(leaks, "connections that are not open", after.files(), connections, 0);
    return leaks;
  }

  private static void check(List<String> leaks, String what, long before, long after, long more) {
    if (after > before + more) {
      leaks.add(what + ": " + before + " before, " + after + " after, at most " + more + " more");
    }
  }

  private static int own(Residue residue) {
    return residue.threads(name -> name.startsWith("weft-") && !name.equals(TIMER));
  }

  /** Without those that libraries keep for a minute after a busy moment. */
  private static int others(Residue residue) {
    return residue.threads(
        name ->
            !name.startsWith("weft-")
                && !name.startsWith("HttpClient-#-Worker")
                && !name.startsWith("OkHttp_TaskRunner"));
  }

  private static int exchanges(Residue residue) {
    return residue.ours().getOrDefault("OutboundExchange", 0)
        + residue.ours().getOrDefault("InboundExchange", 0);
  }

  /**
   * What grows, in words; looks at the last two thirds of what was seen at even intervals, and
   * compares the middle of their halves.
   */
  static List<String> trend(List<Residue> seen) {
    List<Residue> late = seen.subList(seen.size() / 3, seen.size());
    List<Residue> first = late.subList(0, late.size() / 2);
    List<Residue> last = late.subList(late.size() / 2, late.size());
    List<String> leaks = new ArrayList<>();
    trend(leaks, "the agent's threads", first, last, Leaks::own, 1);
    trend(leaks, "other threads", first, last, Leaks::others, THREADS);
    trend(leaks, "descriptors", first, last, Residue::files, FILES);
    trend(leaks, "bytes of direct buffers", first, last, Residue::direct, TREND);
    trend(leaks, "bytes of heap", first, last, Residue::heap, TREND);
    return leaks;
  }

  private static void trend(
      List<String> leaks,
      String what,
      List<Residue> first,
      List<Residue> last,
      ToLongFunction<Residue> measure,
      long more) {
    check(leaks, "in the middle, " + what, median(first, measure), median(last, measure), more);
  }

  private static long median(List<Residue> some, ToLongFunction<Residue> measure) {
    long[] values = some.stream().mapToLong(measure).sorted().toArray();
    return values.length == 0
        ? 0
        : Arrays.stream(values).skip(values.length / 2).findFirst().orElse(0);
  }
}
