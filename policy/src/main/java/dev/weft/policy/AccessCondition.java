package dev.weft.policy;

import java.util.List;

/**
 * A condition on one attribute of a request or of its connection. Immutable.
 *
 * <p>Values are exact, {@code prefix*}, {@code *suffix} or {@code *}; those of addresses are IP
 * literals or CIDRs, those of ports are numbers. An agent that does not know an attribute refuses
 * the whole snapshot.
 *
 * @param key a header's name, or the path of a claim; empty for the other attributes
 * @param values one of them must match; empty: no condition
 * @param notValues none of them may match
 */
public record AccessCondition(
    Attribute attribute, List<String> key, List<String> values, List<String> notValues) {

  /** What a condition looks at. */
  public enum Attribute {
    /** The peer's SPIFFE ID without {@code spiffe://}. */
    SOURCE_PRINCIPAL,
    SOURCE_NAMESPACE,
    SOURCE_TRUST_DOMAIN,
    /** The other end of the connection. */
    SOURCE_IP,
    /** The caller as the last mesh peer before us saw it, see {@link AccessRequest}. */
    REMOTE_IP,
    /** Our end of the connection. */
    DESTINATION_IP,
    DESTINATION_PORT,
    CONNECTION_SNI,
    REQUEST_HEADER,
    /** {@code <issuer>/<subject>} of a token that was found valid. */
    REQUEST_PRINCIPAL,
    REQUEST_AUDIENCES,
    REQUEST_PRESENTER,
    REQUEST_CLAIM
  }

  /** A condition on an attribute that needs no key. */
  public AccessCondition(Attribute attribute, List<String> values, List<String> notValues) {
    this(attribute, List.of(), values, notValues);
  }

  /** Whether only a parsed request, not a connection, can answer it. */
  public boolean needsRequest() {
    return switch (attribute) {
      case REQUEST_HEADER, REQUEST_PRINCIPAL, REQUEST_AUDIENCES, REQUEST_PRESENTER, REQUEST_CLAIM ->
          true;
      default -> false;
    };
  }

  /** Whether only a request with a valid token can answer it. */
  public boolean needsToken() {
    return needsRequest() && attribute != Attribute.REQUEST_HEADER;
  }
}
