package dev.weft.server.protocol;

/**
 * Body of {@code POST /v1/renew}.
 *
 * @param csr PKCS#10 in PEM; only its public key counts
 */
public record RenewRequest(String csr) {}
