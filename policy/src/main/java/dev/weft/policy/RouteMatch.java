package dev.weft.policy;

import java.util.List;
import java.util.Optional;

/**
 * Conditions that must all hold (Gateway API {@code HTTPRouteMatch}). Immutable.
 *
 * @param path empty: any path
 * @param method upper case; empty: any method
 * @param headers names are compared without regard to case
 * @param queryParams names are compared exactly
 */
public record RouteMatch(
    Optional<PathMatch> path,
    Optional<String> method,
    List<NamedMatch> headers,
    List<NamedMatch> queryParams) {

  /** A condition on the path. */
  public record PathMatch(PathKind kind, String value) {}

  /**
   * How a path is compared; {@code PREFIX} is by segment: {@code /v2} matches {@code /v2/x}, not
   * {@code /v2x}.
   */
  public enum PathKind {
    EXACT,
    PREFIX,
    REGEX
  }

  /** A condition on a header or a query parameter. */
  public record NamedMatch(String name, ValueKind kind, String value) {}

  /** How a value is compared. */
  public enum ValueKind {
    EXACT,
    REGEX
  }
}
