package dev.weft.agent.traffic;

import dev.weft.instrumentation.HeaderChange;
import dev.weft.instrumentation.OutboundRequest;
import dev.weft.instrumentation.Target;
import dev.weft.policy.Endpoint;
import dev.weft.policy.HeaderEdit;
import dev.weft.policy.RequestTarget;
import dev.weft.policy.RouteActions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is different on the wire from what the application wrote. Stateless. */
final class WireEdits {
  private WireEdits() {}

  /**
   * Edits of policy, then how long we wait, then the trace.
   *
   * @param timeout what the attempt may take; empty: nothing is said of it
   * @param trace headers that continue the trace
   */
  static List<HeaderChange> requestHeaders(
      OutboundRequest request,
      List<HeaderEdit> edits,
      Optional<Duration> timeout,
      Map<String, String> trace) {
    List<HeaderChange> changes = new ArrayList<>(edits.size() + 1 + trace.size());
    changes.addAll(changes(edits));
    if (timeout.isPresent() && request.header(Deadlines.HEADER).isEmpty()) {
      long millis = Math.max(1, timeout.get().toMillis());
      changes.add(set(Deadlines.HEADER, Long.toString(millis)));
    }
    trace.forEach((name, value) -> changes.add(set(name, value)));
    return List.copyOf(changes);
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
    for (HeaderEdit edit : edits) {
      changes.add(
          new HeaderChange(
              HeaderChange.Kind.valueOf(edit.kind().name()), edit.name(), edit.value()));
    }
    return changes;
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

  /** An endpoint's address under the name that the application called. */
  static InetSocketAddress address(OutboundRequest request, Endpoint endpoint) {
    try {
      byte[] bytes = InetAddress.getByName(endpoint.address()).getAddress(); // a literal: no lookup
      return new InetSocketAddress(
          InetAddress.getByAddress(request.host(), bytes), endpoint.port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("endpoint address is no IP literal: " + endpoint, e);
    }
  }
}
