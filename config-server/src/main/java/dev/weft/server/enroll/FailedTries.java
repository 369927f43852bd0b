package dev.weft.server.enroll;

import dev.weft.server.protocol.Refusal;
import dev.weft.server.protocol.Refusal.Kind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Lets each address fail once a second: after a failing try its next one is not even looked at for
 * that long. Good tries are not held against an address. Thread-safe.
 */
final class FailedTries {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int MAX_ADDRESSES = 10_000;

  private final LongSupplier nanos;
  private final Map<String, Long> last =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  /** {@code nanos} is a clock that nobody sets: set back, it would shut an address out for long. */
  FailedTries(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Refuses a try at the door, before anything of it is judged.
   *
   * @throws Refusal {@code too-many-tries} when one failed less than a second ago
   */
  synchronized void requireNoPause(String address) throws Refusal {
    Long before = last.get(address);
    if (before != null && nanos.getAsLong() - before < PAUSE.toNanos()) {
      throw new Refusal(
          Kind.TOO_MANY,
          "too-many-tries",
          "Too many failing tries to enrol from " + address + "; try again in a second.");
    }
  }

  /**
   * Counts a failing try.
   *
   * @throws Refusal {@code too-many-tries} instead of the reason, when one that came in at the same
   *     time has failed already
   */
  synchronized void count(String address) throws Refusal {
    requireNoPause(address);
    last.remove(address); // so that the map stays ordered by time
    last.put(address, nanos.getAsLong());
  }
}
