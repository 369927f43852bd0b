package dev.weft.server.protocol;

/**
 * Body of {@code POST /v1/drain}: this JVM is shutting down and wants no new requests.
 *
 * @param instance its UUID, as in its watch
 */
public record DrainRequest(String instance) {}
