package dev.weft.server.protocol;

import java.util.Map;

/**
 * Body of {@code POST /v1/enroll}.
 *
 * @param token a join token as text
 * @param csr PKCS#10 in PEM; only its public key counts
 */
public record EnrollRequest(String token, String csr, Claim workload) {

  /**
   * What the workload says it is. The token decides the identity; only the service is compared with
   * it, so that a token is not used for another service by mistake.
   *
   * @param service may be empty: whatever the token says
   */
  public record Claim(String service, Map<String, String> labels) {}
}
