package dev.weft.policy;

import java.util.List;

/**
 * An inbound request, as far as access policy may look at it.
 *
 * <p>The <em>remote address</em> of policies is the last address in {@code x-forwarded-for} when
 * the peer proved an identity of the mesh, because that peer wrote it; else, and without that
 * header, it is the other end of the socket: nobody becomes another address by claiming it.
 *
 * @param path the path as it came over the wire, without query; see {@link Access} for how it is
 *     compared
 * @param host the authority without port, lower case
 * @param headers of the request
 * @param token the one that was found valid; {@link AccessToken#NONE} without one
 */
public record AccessRequest(
    AccessConnection connection,
    String method,
    String path,
    String host,
    Headers headers,
    AccessToken token) {

  /** Headers by name. */
  @FunctionalInterface
  public interface Headers {
    /** Values in order; the name has any case; empty when absent. */
    List<String> values(String name);
  }

  /** A request without headers and without token. */
  public AccessRequest(AccessConnection connection, String method, String path, String host) {
    this(connection, method, path, host, name -> List.of(), AccessToken.NONE);
  }
}
