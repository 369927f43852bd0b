package dev.weft.agent.traffic;

import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Target;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.RequestTarget;
import dev.weft.policy.RouteActions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What is different on the wire from what the application wrote. Stateless. */
final class WireEdits {
  /** The limit, and three headers of the trace. */
  private static final int MOST_ADDED = 4;

  private WireEdits() {}

  /**
   * Edits of policy, then how long we wait, then the trace.
   *
   * @param timeout what the attempt may take; empty: nothing is said of it
   * @param observation knows the headers that continue the trace
   */
  static List<HeaderChange> requestHeaders(
      OutboundRequest request,
      List<HeaderEdit> edits,
      Optional<Duration> timeout,
      ClientObservation observation) {
    List<HeaderChange> changes = new ArrayList<>(edits.size() + MOST_ADDED);
    for (int i = 0; i < edits.size(); i++) { // without an iterator: mostly there is nothing
      changes.add(change(edits.get(i)));
    }
    if (timeout.isPresent() && request.header(Deadlines.HEADER).isEmpty()) {
      long millis = Math.max(1, timeout.get().toMillis());
      changes.add(set(Deadlines.HEADER, Long.toString(millis)));
    }
    observation.eachHeader((name, value) -> changes.add(set(name, value)));
    return Collections.unmodifiableList(changes);
  }

  private static HeaderChange set(String name, String value) {
    return new HeaderChange(HeaderChange.Kind.SET, name, value);
  }

  /** The edits as adapters take them. */
  static List<HeaderChange> changes(List<HeaderEdit> edits) {
    if (edits.isEmpty()) {
      return List.of();
    }
    List<HeaderChange> changes = new ArrayList<>(edits.size());
    edits.forEach(edit -> changes.add(change(edit)));
    return changes;
  }

  private static HeaderChange change(HeaderEdit edit) {
    return new HeaderChange(
        HeaderChange.Kind.valueOf(edit.kind().name()), edit.name(), edit.value());
  }

  /** What a rewrite asks for; empty: what the application wrote. */
  static Optional<Target> target(OutboundRequest request, Optional<RouteActions.Rewrite> rewrite) {
    return rewrite.map(
        wanted ->
            new Target(
                wanted.host(),
                wanted
                    .path()
                    .map(change -> RequestTarget.changed(request.pathAndQuery(), change, "/"))));
  }
}
