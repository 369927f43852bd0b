package dev.weft.policy;

import java.util.List;

/**
 * Whether a peer may do what it asks. Immutable.
 *
 * @param rule the policy that decided; {@code default} where none spoke
 * @param reason a sentence for people
 * @param dryRun names of the dry-run policies because of which the decision would be the opposite;
 *     empty when they change nothing. To be counted and logged, nothing else
 * @param audit names of the AUDIT policies that match. To be counted and logged, nothing else
 */
public record AccessDecision(
    boolean allowed, String rule, String reason, List<String> dryRun, List<String> audit) {

  /** A decision that nobody wants to hear of. */
  public AccessDecision(boolean allowed, String rule, String reason) {
    this(allowed, rule, reason, List.of(), List.of());
  }

  /** A decision without audit. */
  public AccessDecision(boolean allowed, String rule, String reason, List<String> dryRun) {
    this(allowed, rule, reason, dryRun, List.of());
  }
}
