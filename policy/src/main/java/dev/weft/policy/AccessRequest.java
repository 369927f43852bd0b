package dev.weft.policy;

/**
 * An inbound request, as far as access policy may look at it.
 *
 * @param port the port the workload listens on
 * @param path the path as it came over the wire, without query; see {@link Access} for how it is
 *     compared
 * @param host the authority without port, lower case
 */
public record AccessRequest(int port, String method, String path, String host) {}
