package dev.weft.policy;

import java.util.List;

/**
 * Which tokens (RFC 7519) a workload accepts: one rule of a {@code RequestAuthentication}.
 * Immutable.
 *
 * <p>The locations say where tokens of this issuer are looked for; without any, {@code
 * Authorization: Bearer} and the query parameter {@code access_token}.
 *
 * @param policy rule name in messages: {@code RequestAuthentication default/jwt}
 * @param issuer claim {@code iss}
 * @param audiences claim {@code aud} must have one of them; empty: any
 * @param jwks the keys (RFC 7517); empty: not known, then no token of this issuer is valid
 * @param forwardOriginalToken whether the application sees the token
 * @param outputPayloadToHeader name of the header that gets the payload, as base64url; empty: none
 * @param spaceDelimitedClaims claims, nested ones by dots, that are lists of words; {@code scope}
 *     and {@code permission} always are
 */
public record JwtRule(
    String policy,
    String issuer,
    List<String> audiences,
    String jwks,
    List<Header> fromHeaders,
    List<String> fromParams,
    List<String> fromCookies,
    boolean forwardOriginalToken,
    String outputPayloadToHeader,
    List<ClaimHeader> outputClaimToHeaders,
    List<String> spaceDelimitedClaims) {

  /** A header that may carry a token after a prefix, which may be empty. */
  public record Header(String name, String prefix) {}

  /** A header that gets the value of a claim; nested claims are named with dots. */
  public record ClaimHeader(String header, String claim) {}
}
