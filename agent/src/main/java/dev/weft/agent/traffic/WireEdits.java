package dev.weft.agent.traffic;

import dev.weft.agent.telemetry.ClientObservation;
import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Target;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.RequestTarget;
import dev.weft.policy.RouteActions;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.BiConsumer;

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
    Changes changes = new Changes(edits.size() + MOST_ADDED);
    for (int i = 0; i < edits.size(); i++) { // without an iterator: mostly there is nothing
      changes.take(change(edits.get(i)));
    }
    if (timeout.isPresent() && request.header(Deadlines.HEADER).isEmpty()) {
      changes.take(Deadlines.header(timeout.get()));
    }
    observation.eachHeader(changes);
    return changes;
  }

  /**
   * The edits of one attempt: what takes them, the list and the view that nobody can change are one
   * object, as every attempt has them. Immutable once it is handed out.
   */
  private static final class Changes extends AbstractList<HeaderChange>
      implements BiConsumer<String, String>, RandomAccess {
    private HeaderChange[] taken;
    private int size;

    Changes(int expected) {
      taken = new HeaderChange[expected];
    }

    void take(HeaderChange change) {
      if (size == taken.length) { // a propagator with more headers than the standard ones
        taken = Arrays.copyOf(taken, size * 2);
      }
      taken[size++] = change;
    }

    @Override
    public void accept(String name, String value) {
      take(WireEdits.set(name, value));
    }

    @Override
    public HeaderChange get(int index) {
      return taken[Objects.checkIndex(index, size)];
    }

    @Override
    public int size() {
      return size;
    }
  }

  static HeaderChange set(String name, String value) {
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
    if (rewrite.isEmpty()) {
      return Optional.empty(); // before there is a function for it
    }
    return rewrite.map(
        wanted ->
            new Target(
                wanted.host(),
                wanted
                    .path()
                    .map(change -> RequestTarget.changed(request.pathAndQuery(), change, "/"))));
  }
}
