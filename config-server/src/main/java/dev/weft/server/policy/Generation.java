package dev.weft.server.policy;

/**
 * How often the policy documents of a state folder have changed. Immutable.
 *
 * @param epoch drawn once for a state folder; numbers of different epochs cannot be compared
 * @param number from 1, one more for every change; 0: nothing was read yet
 */
public record Generation(String epoch, long number) {
  /** Before anything was read. */
  public static final Generation NONE = new Generation("", 0);
}
