package dev.weft.instrumentation;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One outbound request in the hands of the mesh, from decision to outcome, over all its attempts.
 * An adapter calls {@link #first}, carries the step out, calls {@link #retry} after a failed
 * attempt, {@link #responded} when response headers arrived, and {@link #end} at last. Thread-safe;
 * nothing here blocks. Of several calls of {@link #end} the first counts.
 */
public interface ClientExchange {
  /** How much of the failed attempt may have reached the peer. */
  enum Progress {
    /** Provably nothing: the connection was not established, or died before the first byte. */
    UNSENT,
    /** The peer says that it did not process it (RFC 9113: REFUSED_STREAM, GOAWAY). */
    REFUSED,
    /** Perhaps all of it; no response headers came back. */
    SENT
  }

  /** What to do first. */
  Step first();

  /**
   * Asks what to do after a failed attempt.
   *
   * @param attempt the one that failed
   * @param failure what the library met; its own exception, unwrapped
   * @return null: give up and surface {@code failure} (or, when {@link #expired}, a timeout)
   */
  @Nullable Step retry(Attempt attempt, Throwable failure, Progress progress);

  /**
   * How long an attempt may be without the headers of a final response before {@link #hedge} is to
   * be asked. An adapter whose library can have two attempts of a request under way asks once,
   * after {@link #first}; others send without.
   *
   * @return empty: never
   */
  default Optional<Duration> hedgeDelay() {
    return Optional.empty();
  }

  /**
   * Asks for another attempt beside one that is not answered yet, {@link #hedgeDelay} after that
   * was sent. Either is then reported as if it were the only one; the first whose verdict is {@link
   * Deliver} has won, and the adapter cancels the others on the wire without a report.
   *
   * @param unanswered the newest attempt
   * @return null: none
   */
  default @Nullable Attempt hedge(Attempt unanswered) {
    return null;
  }

  /**
   * Time left of the limit that policy sets to the whole request with its body; zero when past;
   * empty: no limit. The application's own limit does not count here.
   */
  Optional<Duration> remaining();

  /**
   * Whether a limit set by policy (on the request or on the current attempt) has run out, so that a
   * timeout is the mesh's and carries {@link #timeoutMessage}.
   */
  boolean expired();

  /**
   * Whether the pause of a step has taken all the time there was: then it is not carried out, and
   * the application gets a timeout. To be asked after the pause.
   */
  default boolean late(Step step) {
    return !step.pause().isZero() && expired();
  }

  /** Text of the library's own timeout exception, with the rule that set the limit. */
  String timeoutMessage();

  /**
   * Takes the headers of a final response in, not of an interim one (1xx); a 101 is final. The
   * endpoint's latency is measured up to here.
   *
   * @param attempt the one that was answered
   * @param headers looks a response header up
   * @return whether the application gets it; never an {@link Attempt} for a request whose body is
   *     {@link OutboundRequest.Body#ONCE}
   */
  Verdict responded(Attempt attempt, int status, Headers headers);

  /**
   * The outcome. Never throws. A request that was answered by 101 ends with that: limits hold no
   * longer, what follows on the connection is nobody's request.
   *
   * @param failure null when a response, also an error status, was delivered; or, without {@link
   *     #responded}, when the application abandoned the request
   */
  void end(@Nullable Throwable failure);
}
