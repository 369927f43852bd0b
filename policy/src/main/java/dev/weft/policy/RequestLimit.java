package dev.weft.policy;

import java.time.Duration;
import java.util.List;

/**
 * How many requests may come, or go, in the long run, from a {@code RateLimitPolicy}. It is judged
 * by the generic cell rate algorithm: a budget of {@code burst} requests that refills by one every
 * {@link #interval}. Immutable.
 *
 * @param rule the document and the limit's name in it
 * @param ports the ports whose requests it counts, together; ascending, never empty. Of a server
 *     those that the workload listens on, of a client those of the Service
 * @param matches which requests it counts: those that any of them fits; empty: all
 * @param keys what has a budget of its own: requests that differ in any of them do not share one;
 *     empty: all requests share one
 * @param requests so many every {@code per}; at least 1
 * @param per 1 ms to 24 h
 * @param burst how many may come at once after a pause; at least 1
 * @param scope who shares the budget
 * @param answer what a request above it gets
 */
public record RequestLimit(
    String rule,
    List<Integer> ports,
    List<RouteMatch> matches,
    List<Key> keys,
    int requests,
    Duration per,
    int burst,
    Scope scope,
    Answer answer) {

  /**
   * A part of what tells budgets apart.
   *
   * @param name of the header; empty for the others
   */
  public record Key(KeySource source, String name) {}

  /** What tells budgets apart. */
  public enum KeySource {
    /** The caller's SPIFFE ID; callers without one share a budget. Of servers only. */
    IDENTITY,
    /** The rule of a route that decided about the request. Of clients only. */
    ROUTE,
    /** The value of a header; requests without it share a budget. */
    HEADER
  }

  /** Who shares a budget. */
  public enum Scope {
    /** Nobody: every instance has its own. */
    LOCAL,
    /** All live instances of the workload's service; the config server hands out shares. */
    MESH
  }

  /**
   * What a request above the limit gets.
   *
   * @param status 400 to 599
   * @param rateLimitHeaders whether answers say how much is left ({@code RateLimit-Policy} and
   *     {@code RateLimit}, draft-ietf-httpapi-ratelimit-headers)
   * @param headers of the refusal, besides {@code Retry-After}
   */
  public record Answer(int status, boolean rateLimitHeaders, List<HeaderEdit> headers) {}

  /** The time in which the budget grows by one request; never zero. */
  public Duration interval() {
    return per.dividedBy(requests);
  }
}
