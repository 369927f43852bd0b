package dev.weft.server.limit;

/**
 * How much one kind of request may take. Immutable.
 *
 * @param perSecond requests a second of one caller in the long run
 * @param burst requests of one caller at once, at least 1
 * @param waiting requests of all callers that wait for an answer; more are sent away
 * @param bodyBytes bytes of bodies of all callers that are held in memory; more are sent away
 */
public record Quota(double perSecond, int burst, int waiting, long bodyBytes) {
  /** Checks that it lets something through. */
  public Quota {
    if (!(perSecond > 0) || burst < 1 || waiting < 1 || bodyBytes < 0) {
      throw new IllegalArgumentException(
          "expected a rate above zero and room for one request, found "
              + perSecond
              + "/s, burst "
              + burst
              + ", waiting "
              + waiting
              + ", body bytes "
              + bodyBytes);
    }
  }
}
