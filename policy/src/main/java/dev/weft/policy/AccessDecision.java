package dev.weft.policy;

import java.util.List;

/**
 * Whether a peer may do what it asks. Immutable.
 *
 * @param rule the policy that decided; {@code default} where none spoke
 * @param reason a sentence for people
 * @param dryRun names of the dry-run policies because of which the decision would be the opposite;
 *     empty when they change nothing. To be counted and logged, nothing else
 */
public record AccessDecision(boolean allowed, String rule, String reason, List<String> dryRun) {

  /** A decision that no dry-run policy would change. */
  public AccessDecision(boolean allowed, String rule, String reason) {
    this(allowed, rule, reason, List.of());
  }
}
