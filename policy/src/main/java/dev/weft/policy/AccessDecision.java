package dev.weft.policy;

/**
 * Whether a peer may do what it asks. Immutable.
 *
 * @param rule the policy that decided; {@code default} where none spoke
 * @param reason a sentence for people
 */
public record AccessDecision(boolean allowed, String rule, String reason) {}
