package dev.weft.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Conditions that must all hold: Gateway API's {@code HTTPRouteMatch} and {@code GRPCRouteMatch},
 * and Istio's {@code HTTPMatchRequest} and {@code L4MatchAttributes}. Immutable.
 *
 * @param path empty: any path
 * @param method upper case; empty: any method
 * @param headers names are compared without regard to case
 * @param queryParams names are compared exactly
 * @param withoutHeaders headers that must not match; one that is absent does not
 * @param authority the host that the application called, without port
 * @param scheme {@code http} or {@code https}
 * @param methodPattern a condition on the method that is no single word; empty: none
 * @param sourceLabels labels that the calling workload must carry; {@link #SERVICE_ACCOUNT} stands
 *     for its service account, whatever its labels say
 * @param sniHosts exact names or {@code *.suffix}, one of which must be the name that the
 *     application connects to; empty: any. Only rules of connections have them
 */
public record RouteMatch(
    Optional<PathMatch> path,
    Optional<String> method,
    List<NamedMatch> headers,
    List<NamedMatch> queryParams,
    List<NamedMatch> withoutHeaders,
    Optional<TextMatch> authority,
    Optional<TextMatch> scheme,
    Optional<TextMatch> methodPattern,
    Map<String, String> sourceLabels,
    List<String> sniHosts) {

  /** The source label that means the name of the calling workload's service account. */
  public static final String SERVICE_ACCOUNT = "weft.dev/service-account";

  /** A match that holds for every request. */
  public static final RouteMatch ANY =
      new RouteMatch(Optional.empty(), Optional.empty(), List.of(), List.of());

  /** The conditions that Gateway API has. */
  public RouteMatch(
      Optional<PathMatch> path,
      Optional<String> method,
      List<NamedMatch> headers,
      List<NamedMatch> queryParams) {
    this(
        path,
        method,
        headers,
        queryParams,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        List.of());
  }

  /**
   * A condition on the path.
   *
   * @param ignoreCase whether letters of both cases are one; for expressions too
   */
  public record PathMatch(PathKind kind, String value, Optional<Boolean> ignoreCase) {
    /** A condition that minds case. */
    public PathMatch(PathKind kind, String value) {
      this(kind, value, Optional.empty());
    }

    /**
     * Whether the path is compared as it was sent, because the condition names what the normal form
     * lacks: parameters, or in an expression percent codes.
     */
    public boolean asSent() {
      return value.indexOf(';') >= 0 || (kind == PathKind.REGEX && value.indexOf('%') >= 0);
    }

    /** The same condition as paths in normal form are held against. */
    public PathMatch normal() {
      // Dots at the end of a text may be the beginning of a name.
      boolean open = kind == PathKind.TEXT_PREFIX && (value.endsWith(".") || endsInCodedDot());
      String normal = kind == PathKind.REGEX || open || asSent() ? value : NormalPath.coded(value);
      return normal.equals(value) ? this : new PathMatch(kind, normal, ignoreCase);
    }

    private boolean endsInCodedDot() {
      return value.endsWith("%2e") || value.endsWith("%2E");
    }
  }

  /**
   * How a path is compared; {@code PREFIX} is by segment: {@code /v2} matches {@code /v2/x}, not
   * {@code /v2x}; {@code TEXT_PREFIX}, Istio's, matches both.
   */
  public enum PathKind {
    EXACT,
    PREFIX,
    REGEX,
    TEXT_PREFIX
  }

  /**
   * A condition on a header or a query parameter.
   *
   * @param value empty for {@link ValueKind#PRESENT}
   */
  public record NamedMatch(String name, ValueKind kind, String value) {}

  /** A condition on a text. */
  public record TextMatch(ValueKind kind, String value) {}

  /** How a value is compared. */
  public enum ValueKind {
    EXACT,
    REGEX,
    PREFIX,
    PRESENT
  }
}
