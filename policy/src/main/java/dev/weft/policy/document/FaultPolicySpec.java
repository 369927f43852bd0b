package dev.weft.policy.document;

import dev.weft.policy.RouteActions;
import dev.weft.policy.RouteMatch;
import java.util.List;

/**
 * Weft's {@code FaultPolicy}. Immutable.
 *
 * @param targets Services or routes of its namespace
 * @param matches which requests it fails: those that any of them fits; empty: all
 */
public record FaultPolicySpec(List<Target> targets, List<Match> matches, RouteActions.Fault fault)
    implements Spec.Own {

  /**
   * What it concerns.
   *
   * @param kind {@code Service}, {@code HTTPRoute} or {@code GRPCRoute}; a {@code sectionName} is a
   *     port of a Service and a rule of a route
   */
  public record Target(String kind, Spec.TargetRef ref) {
    /** Whether it is a Service rather than a route. */
    public boolean isService() {
      return kind.equals("Service");
    }
  }

  /**
   * Conditions that must all hold.
   *
   * @param sources who must call, any of them; empty: everybody
   */
  public record Match(List<RouteMatch.NamedMatch> headers, List<Source> sources) {}

  /** A client's service account. */
  public record Source(String namespace, String serviceAccount) {}
}
