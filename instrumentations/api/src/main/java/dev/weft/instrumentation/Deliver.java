package dev.weft.instrumentation;

import java.util.List;

/**
 * Give the response to the application. Immutable.
 *
 * @param responseHeaders edits of the headers that the application will see, in order
 */
public record Deliver(List<HeaderChange> responseHeaders) implements Verdict {
  /** As it came. */
  public static final Deliver UNCHANGED = new Deliver(List.of());
}
