package dev.weft.server.operator;

/**
 * Who showed a good operator token. Immutable.
 *
 * @param name of the token; {@code bootstrap} for the one in the state folder
 */
public record Operator(String name, Role role) {}
