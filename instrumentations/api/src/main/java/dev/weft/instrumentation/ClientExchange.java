package dev.weft.instrumentation;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One outbound request in the hands of the mesh, from decision to outcome, over all its attempts.
 * An adapter calls {@link #first}, carries the step out, calls {@link #retry} after a failed
 * attempt, {@link #responded} when response headers arrived, and {@link #end} at last. Confined to
 * one thread at a time; only {@link #end} may come from any thread and more than once (the first
 * counts).
 */
public interface ClientExchange {
  /** How much of the failed attempt may have reached the peer. */
  enum Progress {
    /** Provably nothing: the connection was not established. */
    UNSENT,
    /** Perhaps all of it; no response headers came back. */
    SENT
  }

  /** What to do first. */
  Step first();

  /**
   * Asks for another attempt after a failed one.
   *
   * @param failure what the library met; its own exception, unwrapped
   * @return null: give up and surface {@code failure} (or, when {@link #expired}, a timeout)
   */
  @Nullable Attempt retry(Throwable failure, Progress progress);

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

  /** Text of the library's own timeout exception, with the rule that set the limit. */
  String timeoutMessage();

  /**
   * Records the response's headers; the endpoint's latency is measured up to here.
   *
   * @param headers looks a response header up
   * @return edits for the headers that the application will see
   */
  List<HeaderChange> responded(int status, Headers headers);

  /**
   * The outcome. Never throws.
   *
   * @param failure null when a response, also an error status, was delivered; or, without {@link
   *     #responded}, when the application abandoned the request
   */
  void end(@Nullable Throwable failure);
}
